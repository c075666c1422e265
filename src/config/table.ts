/** Every setting there is: the table in jobs/README.md and `.env.example` are made from this one (`npm run docs:settings`). */
import {
  baseUrl,
  cronOrOff,
  daysOrNone,
  type Field,
  headerValue,
  listenHost,
  memorySize,
  minutesOrNone,
  name,
  oneOf,
  otlpUrl,
  pairs,
  positive,
  postgresUrl,
  priceListUrl,
  proxyUrl,
  queueName,
  redisUrl,
  sourceNames,
  text,
  timeZone,
  token,
  webhookUrl,
  whole,
} from './fields.ts';

export interface Setting<T, Default extends string | null> {
  readonly group: string;
  /** As it would be written; null: none, the setting is absent (or worked out, as the description says). */
  readonly default: Default;
  /** For jobs/README.md and `.env.example`, a sentence without a full stop. */
  readonly description: string;
  readonly field: Field<T>;
}

const inGroup =
  (group: string) =>
  <T, const Default extends string | null>(
    fallback: Default,
    field: Field<T>,
    description: string,
  ): Setting<T, Default> => ({ group, default: fallback, description, field });

const source = inGroup('Source');
const load = inGroup('Warehouse');
const published = inGroup('Published copy');
const sync = inGroup('Sync');
const queue = inGroup('Queue');
const http = inGroup('Requests');
const web = inGroup('Web');
const alerts = inGroup('Alerts');
const tracing = inGroup('Tracing');
const analytics = inGroup('Analytics');
const reports = inGroup('Reports');
const logs = inGroup('Logs');

const ENDPOINT_KINDS = ['openai', 'azure', 'azure-dated', 'compatible'] as const;

export const SETTINGS = {
  OPENAI_API_KEY: source(
    null,
    headerValue,
    'API key of the project whose completions are copied. Required, except by a compatible server that wants none',
  ),
  OPENAI_BASE_URL: source(
    'https://api.openai.com/v1',
    baseUrl,
    'Where the API is; `/chat/completions` is put behind it',
  ),
  OPENAI_ORG_ID: source(null, headerValue, 'Organization, for a key that belongs to several'),
  OPENAI_PROJECT_ID: source(null, headerValue, 'Project, for a key that is not bound to one'),
  ENDPOINT: source(
    null,
    oneOf(...ENDPOINT_KINDS),
    'Kind of server: `openai`, `azure` (…/openai/v1), `azure-dated` (…/openai with API_VERSION) or `compatible`. Told from the URL when absent',
  ),
  API_VERSION: source(
    null,
    headerValue,
    'The `api-version` of an `azure-dated` endpoint, such as 2025-02-01-preview. Required there, refused elsewhere',
  ),
  AZURE_AUTH: source(
    'key',
    oneOf('key', 'entra'),
    'How an Azure endpoint is asked: by `key`, or by `entra` with tokens of Entra ID: of the application below, else of the managed identity, workload identity or `az login` found here',
  ),
  AZURE_TENANT_ID: source(null, headerValue, 'Entra: tenant of the application'),
  AZURE_CLIENT_ID: source(
    null,
    headerValue,
    'Entra: the application, or a managed identity that a user assigned',
  ),
  AZURE_CLIENT_SECRET: source(null, text, 'Entra: secret of the application'),
  AZURE_AUTHORITY_HOST: source(
    null,
    baseUrl,
    'Entra: where tokens come from, for a sovereign cloud such as https://login.microsoftonline.us',
  ),
  FILTER_MODEL: source(null, name, 'Copies the completions of this model only'),
  FILTER_METADATA: source(null, pairs, 'Copies completions with this metadata only: `key=value,key2=value2`'),
  RETENTION_DAYS: source(
    null,
    daysOrNone,
    'Days the API keeps a completion, or `none`. When absent: 30 for `openai`, none for the others',
  ),
  SOURCES: source(
    'openai',
    sourceNames,
    'Names of the sources, such as `prod,eu`. Each has its own PROD_API_KEY, PROD_BASE_URL, … (see below)',
  ),

  WAREHOUSE: load('./tokenhouse.duckdb', name, 'The DuckDB file that completions are copied to'),
  CONTENT: load(
    'full',
    oneOf('full', 'none'),
    '`none` keeps usage and metadata and leaves the text of prompts and answers out',
  ),
  // A sync needs little; the default of DuckDB, 80% of the machine's memory, is for a machine of its own.
  DUCKDB_MEMORY_LIMIT: load('512MB', memorySize, 'Memory DuckDB may take; more makes large queries faster'),
  // Long enough for the commits of another run, short enough for a person who waits.
  WAIT_SECONDS: load('30', whole(0, 86_400), 'Seconds to wait for a warehouse that another process has open'),

  PUBLISH_TO: published(
    null,
    name,
    'The copy that BI tools and `query` read while a sync writes, replaced after each run; `none`: no copy. When absent: beside the warehouse, `tokenhouse.published.duckdb`',
  ),
  PUBLISH_CONTENT: published(
    'none',
    oneOf('none', 'full'),
    '`full` puts the text of prompts and answers into the published copy too',
  ),
  // Less than an hour, for what runs each hour.
  PUBLISH_SPARE_MINUTES: published(
    '50',
    minutesOrNone,
    'Where the file system cannot share blocks, the copy before the present one is kept (`….spare`) from 256 MB on, and the next one is written into it, at the cost of what has changed: when so many minutes have passed since it was the copy, as a `cp` or an upload of it may be under way. `none`: the present copy is copied each time',
  ),

  // What OpenAI keeps: an older hole cannot be filled any more.
  SYNC_DAYS: sync(
    '30',
    whole(1, 36_500),
    'Days back that a sync fills, and further to the oldest second ever covered; what is older is for `backfill`',
  ),
  // A row shows up some 15 s after its call, a long generation minutes later with the time of its start.
  SETTLE_MINUTES: sync(
    '30',
    whole(0, 1_440),
    'The youngest minutes, read again by the next sync as rows still turn up there',
  ),
  // The most that OpenAI gives.
  PAGE_SIZE: sync('100', whole(2, 1_000), 'Completions asked for in a page'),
  CONCURRENCY: sync(
    '4',
    whole(1, 64),
    'Walkers of a source side by side, at the most; REQUESTS_PER_MINUTE holds for all of them',
  ),
  // Some more than a row group of the warehouse, whose columns then go straight into the file, without the log; twice as many
  // gain a tenth of the time and cost 50 MB.
  BATCH_ROWS: sync('8704', whole(1, 100_000), 'Rows after which a batch is committed'),
  BATCH_SECONDS: sync(
    '5',
    positive(3_600),
    'Seconds after which a batch is committed, if it has not filled up before',
  ),

  REDIS_URL: queue(
    null,
    redisUrl,
    'Redis that holds the queue: `redis://`, `rediss://` (TLS), `redis+sentinel://host,host/name`, `redis+cluster://host,host`',
  ),
  QUEUE_URL: queue(
    null,
    postgresUrl,
    'PostgreSQL that holds the queue instead: `postgres://…`. Neither set: an embedded one beside the warehouse',
  ),

  QUEUE_NAME: queue(
    'tokenhouse',
    queueName,
    'What the names of the queues begin with: one for each warehouse that shares a Redis or PostgreSQL',
  ),
  // At night, and not on the hour as everybody's.
  SCHEDULE: queue(
    '17 2 * * *',
    cronOrOff,
    'When the worker syncs each source, as cron; a field of seconds may stand in front. `off`: never by itself',
  ),
  SWEEP_SCHEDULE: queue(
    '37 3 * * 0',
    cronOrOff,
    'When the worker reads what is held once more (edited metadata, very late rows), as cron; `off`: never by itself',
  ),
  SCHEDULE_TZ: queue('UTC', timeZone, 'Time zone of both schedules, such as Europe/Berlin'),
  // All that OpenAI still lists.
  SWEEP_DAYS: queue('30', whole(1, 36_500), 'Days back that a sweep reads, covered or not'),
  // Two, so that the night's sync of one source does not wait for another's; more take memory and gain little.
  WORKER_CONCURRENCY: queue('2', whole(1, 64), 'Runs that a worker has side by side, each of another source'),
  // Kubernetes kills after 30.
  SHUTDOWN_SECONDS: queue(
    '25',
    whole(1, 3_600),
    'Seconds a worker takes to commit and leave after SIGTERM, before it goes without',
  ),

  // An account of the lowest paid tier allows 500 a minute, and a sync should leave room for the application's own calls.
  REQUESTS_PER_MINUTE: http(
    '500',
    whole(1, 1_000_000),
    'The most requests sent in a minute; sinks by itself when the API says 429',
  ),
  REQUEST_TIMEOUT_SECONDS: http(
    '60',
    positive(3_600),
    'Seconds after which an unanswered request is given up and sent again',
  ),
  // A page of a hundred answers of a megabyte each, twice over. Texts of more than 512 MB are beyond V8.
  MAX_RESPONSE_MB: http(
    '256',
    whole(1, 500),
    'Megabytes a reply may have when it is unpacked; where one has more, smaller pages are asked for',
  ),
  // With the waits between them, 8 retries last some minutes: a restart or a short outage of the API.
  RETRIES_MAX: http(
    '8',
    whole(0, 100),
    'Times a failed request is sent again before the run ends, to be resumed',
  ),
  HTTPS_PROXY: http(
    null,
    proxyUrl,
    'Proxy for requests to `https://` (API, webhook, traces), such as http://user:password@proxy:3128; also in small letters, as are the next two',
  ),
  HTTP_PROXY: http(null, proxyUrl, 'The same for `http://`'),
  NO_PROXY: http(
    null,
    text,
    'Hosts that are reached without a proxy, with commas between: `localhost,127.0.0.1,.internal.example`; `*`: all',
  ),

  HTTP_HOST: web(
    '127.0.0.1',
    listenHost,
    'Address that `/metrics`, `/queues` and the dashboard are served at; any but this machine’s own needs HTTP_TOKEN',
  ),
  // No server that commonly stands beside this one has it for its default: Prometheus, its exporters, OTLP, Redis, PostgreSQL.
  HTTP_PORT: web('8484', whole(0, 65_535), 'Port for the same; 0 takes a free one'),
  HTTP_TOKEN: web(
    null,
    token,
    'Asked of whoever comes to it, as `Authorization: Bearer …` or as the password in a browser; `/healthz` and `/readyz` are open',
  ),
  HTTP_CONTENT: web(
    'none',
    oneOf('none', 'full'),
    '`full` shows the text of prompts and answers on the dashboard’s page of a completion, where what it reads holds it (PUBLISH_CONTENT); needs HTTP_TOKEN',
  ),

  ALERT_WEBHOOK: alerts(
    null,
    webhookUrl,
    'URL that gets a JSON post, with a `text` as Slack takes it, when a run fails for good, its copy cannot be made or none has landed for long, a gap is found or uncovered seconds are about to expire',
  ),
  // A long weekend, and a day to act.
  ALERT_EXPIRY_DAYS: alerts(
    '5',
    whole(0, 365),
    'Days before the expiry of an uncovered second that it alerts',
  ),
  HEARTBEAT_URL: alerts(
    null,
    webhookUrl,
    'URL that is asked for after each sync that landed, and with `/fail` behind its path after one that failed for good: a dead man’s switch such as healthchecks.io',
  ),
  // A night that failed, and half a day to see whether the next try lands.
  ALERT_AFTER_HOURS: alerts(
    '36',
    whole(1, 8_760),
    'Hours without a landed run after which the worker alerts and `status --check` calls a source stale; where SCHEDULE runs less often, a third of them after the run that was due. With SCHEDULE off the worker waits for none',
  ),

  OTEL_EXPORTER_OTLP_ENDPOINT: tracing(
    null,
    otlpUrl,
    'OTLP/HTTP collector, such as http://localhost:4318: spans of runs, pieces, pages and commits go to `/v1/traces` there',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: tracing(
    null,
    otlpUrl,
    'The same with its whole path; wins over the one above',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: tracing(
    null,
    pairs,
    'Headers for the collector: `key=value,key2=value2`, values percent-encoded',
  ),
  OTEL_SERVICE_NAME: tracing('tokenhouse', name, 'Name of this service in the traces'),

  PRICES_FILE: analytics(
    null,
    name,
    'CSV of your own prices, which win over the list for the days they hold: model, service_tier, token_type, min_input_tokens, valid_from, valid_to, usd_per_mtok. A row without min_input_tokens leaves the long-context price of the list from its size on',
  ),

  PRICES_URL: analytics(
    null,
    priceListUrl,
    'Price list that the worker imports each night (PRICES_SCHEDULE), and `prices import` when no other is named: LiteLLM’s `model_prices_and_context_window.json`, genai-prices’ `data.json`, models.dev’s `api.json`, or a CSV as above. Not set: nothing is fetched',
  ),
  // Half an hour before the night's sync, whose publishing then has it.
  PRICES_SCHEDULE: analytics(
    '47 1 * * *',
    cronOrOff,
    'When the worker imports PRICES_URL, as cron in the time zone of SCHEDULE_TZ; `off`: never by itself',
  ),

  REPORTS_DIR: reports(
    null,
    name,
    'Folder of your own reports: each `.sql` file in it is one, run by `report` with its name',
  ),
  BUDGET_MONTHLY: reports(
    null,
    positive(999_999_999),
    'Budget of a month in US dollars of list cost, for the report `budget` and the dashboard',
  ),
  BUDGETS_FILE: reports(
    null,
    name,
    'CSV of monthly budgets by group, for the report `budgets`: group (`metadata.team=search`, `model=gpt-5`, `source=prod`), monthly_usd and, as you like, month (2026-11) or valid_from, valid_to (excluded)',
  ),

  LOG_LEVEL: logs(
    'info',
    oneOf('silent', 'error', 'warn', 'info', 'debug', 'trace'),
    'Least severity that is logged',
  ),
  LOG_FORMAT: logs(
    'auto',
    oneOf('auto', 'json', 'pretty'),
    '`auto`: pretty on a terminal, else one JSON object a line',
  ),
  NO_COLOR: logs(null, text, 'Any value turns colours off'),
} as const;

export type SettingName = keyof typeof SETTINGS;

type TypeOf<S> = S extends Setting<infer T, infer D> ? (D extends string ? T : T | null) : never;
/** The parsed value of a setting; null when it has no default and is absent. */
export type SettingValue<K extends SettingName> = TypeOf<(typeof SETTINGS)[K]>;

/** What a named source may set for itself, and the setting that all sources share for it. */
export const SOURCE_SETTINGS = {
  API_KEY: 'OPENAI_API_KEY',
  BASE_URL: 'OPENAI_BASE_URL',
  ORG_ID: 'OPENAI_ORG_ID',
  PROJECT_ID: 'OPENAI_PROJECT_ID',
  ENDPOINT: 'ENDPOINT',
  API_VERSION: 'API_VERSION',
  AZURE_AUTH: 'AZURE_AUTH',
  FILTER_MODEL: 'FILTER_MODEL',
  FILTER_METADATA: 'FILTER_METADATA',
  RETENTION_DAYS: 'RETENTION_DAYS',
} as const satisfies Record<string, SettingName>;

/** These belong to one account: a source named `prod` never uses `OPENAI_API_KEY`, only `PROD_API_KEY`. */
export const NEVER_SHARED: ReadonlySet<string> = new Set(['API_KEY', 'ORG_ID', 'PROJECT_ID']);

export type SourceSetting = keyof typeof SOURCE_SETTINGS;

/** The variable a source sets for itself: `PROD_API_KEY`. */
export const ownName = (sourceName: string, suffix: SourceSetting): string =>
  `${sourceName.toUpperCase()}_${suffix}`;

const SECRETS: ReadonlySet<string> = new Set<SettingName>([
  'OPENAI_API_KEY',
  'AZURE_CLIENT_SECRET',
  'REDIS_URL',
  'QUEUE_URL',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'HTTP_TOKEN',
  'ALERT_WEBHOOK',
  'OTEL_EXPORTER_OTLP_HEADERS',
]);

/** Whether the variable holds a secret, a source's own key included; it may then stand in a file, named by {@link fileName}. */
export const isSecret = (name: string): boolean => SECRETS.has(name) || name.endsWith('_API_KEY');

/** The variable that names the file a secret stands in, as containers have it: `HTTP_TOKEN_FILE`. */
export const fileName = (name: string): string => `${name}_FILE`;

const SMALL_LETTERS_TOO: ReadonlySet<string> = new Set<SettingName>([
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
]);

/** The other name a variable is commonly set by, which wins as it does in curl and Node; null: it has none. */
export const smallName = (name: string): string | null =>
  SMALL_LETTERS_TOO.has(name) ? name.toLowerCase() : null;
