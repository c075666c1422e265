/** The environment, the `.env` file and flags, checked once at the start, as a Config. `process.env` is read here only. */
import { resolve } from 'node:path';
import { isLoopback } from './config/fields.ts';
import { type Environment, type SettingFlags, type SettingsReader, settingsReader } from './config/reader.ts';
import { readSources } from './config/sources.ts';
import type { SettingValue } from './config/table.ts';
import type { SourceSettings } from './source/settings.ts';

export interface LogSettings {
  readonly level: SettingValue<'LOG_LEVEL'>;
  readonly format: SettingValue<'LOG_FORMAT'>;
  /** false when NO_COLOR says so. */
  readonly color: boolean;
}

export interface WarehouseSettings {
  /** Path of the DuckDB file. */
  readonly path: string;
  readonly memoryLimit: string;
  /** `none`: the text of prompts and answers is left out. */
  readonly content: 'full' | 'none';
  /** How long to wait for a file that another process has open. */
  readonly waitSeconds: number;
  /** CSV of contract prices; null: none. */
  readonly pricesFile: string | null;
}

export interface PublishSettings {
  /** Path of the published copy; null: none is made. */
  readonly to: string | null;
  /** `none`: without the text of prompts and answers. */
  readonly content: 'none' | 'full';
  /** After so many minutes the copy before the present one is written to, to make the next of; null: none is kept. */
  readonly spareMinutes: number | null;
}

export interface SyncSettings {
  /** How far back a sync fills. */
  readonly days: number;
  /** The youngest minutes: loaded, never marked covered. */
  readonly settleMinutes: number;
  readonly pageSize: number;
  readonly batchRows: number;
  readonly batchSeconds: number;
  /** Walkers of a source side by side, at the most. */
  readonly concurrency: number;
}

/** Where the queue is: at the most one of them is set. Both hold a password, so neither is for a log. */
export interface QueueSettings {
  /** See redis-url.ts; null: not in Redis. */
  readonly redisUrl: string | null;
  /** null as well: embedded, beside the warehouse. */
  readonly postgresUrl: string | null;
  /** What the names of the queues begin with. */
  readonly name: string;
}

export interface JobSettings {
  /** Cron; null: off. */
  readonly syncCron: string | null;
  readonly sweepCron: string | null;
  /** null as well: there is no PRICES_URL. */
  readonly pricesCron: string | null;
  readonly timeZone: string;
  readonly sweepDays: number;
  /** Runs side by side. */
  readonly concurrency: number;
  /** From the signal to the end of the process. */
  readonly shutdownSeconds: number;
}

export interface WebSettings {
  /** Without brackets. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** null: none is asked for, and the host is this machine only. */
  readonly token: string | null;
  /** `full`: the page of a completion shows the text of prompts and answers, where it is held. */
  readonly content: 'none' | 'full';
}

export interface AlertSettings {
  /** A secret. null: nobody is to be told. */
  readonly webhook: string | null;
  readonly expiryDays: number;
  /** A secret. null: none is to be sent. */
  readonly heartbeatUrl: string | null;
  /** Without a landed run. */
  readonly afterHours: number;
}

export interface TracingSettings {
  /** Whole URL that spans are posted to; null: nothing is traced. */
  readonly url: string | null;
  /** Secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
}

/** For every request this process sends. */
export interface ProxySettings {
  /** URLs, which may hold a password, so they are not for a log. null: none. */
  readonly https: string | null;
  readonly http: string | null;
  /** NO_PROXY as it was set. */
  readonly bypass: string | null;
  /** Node itself was started with NODE_USE_ENV_PROXY, the way of older ones. */
  readonly startedWith: boolean;
}

export interface PriceSettings {
  /** Price list that is imported; null: nothing is fetched. */
  readonly url: string | null;
}

export interface ReportSettings {
  /** Folder of the person's own reports; null: none. */
  readonly dir: string | null;
  /** US dollars a month; null: none. */
  readonly budgetMonthly: number | null;
  /** CSV of budgets by group; null: none. */
  readonly budgetsFile: string | null;
}

/** What a command needs that calls no API. */
export interface LocalConfig {
  readonly warehouse: WarehouseSettings;
  readonly publish: PublishSettings;
  readonly sync: SyncSettings;
  readonly queue: QueueSettings;
  readonly jobs: JobSettings;
  readonly web: WebSettings;
  readonly alerts: AlertSettings;
  readonly tracing: TracingSettings;
  readonly proxy: ProxySettings;
  readonly prices: PriceSettings;
  readonly reports: ReportSettings;
  readonly log: LogSettings;
}

export interface Config extends LocalConfig {
  /** At least one, in the order of `SOURCES`. */
  readonly sources: readonly SourceSettings[];
}

/** The process's environment. A copy, so that nothing can set a variable on the way. */
export const processEnvironment = (): Environment => ({ ...process.env });

/**
 * Everything, the sources included.
 *
 * @param environment the `.env` file's variables under the process's own.
 * @param flags settings from the command line, by the same names; they win.
 * @throws {SettingsError} one for all that is wrong or missing, without any value.
 */
export function loadConfig(environment: Environment, flags: SettingFlags = {}): Config {
  const reader = settingsReader(environment, flags);
  const config = { ...readLocal(reader), sources: readSources(reader) };
  reader.check();
  return config;
}

/** The same without the sources, for commands that need no key: `status`, `query`, … */
export function loadLocalConfig(environment: Environment, flags: SettingFlags = {}): LocalConfig {
  const reader = settingsReader(environment, flags);
  const config = readLocal(reader);
  reader.check();
  return config;
}

/** For the logger, which is there before the settings are checked: a wrong value counts as absent and is told of later. */
export function loadLogSettings(environment: Environment, flags: SettingFlags = {}): LogSettings {
  return readLog(settingsReader(environment, flags));
}

function readLocal(reader: SettingsReader): LocalConfig {
  return {
    warehouse: {
      path: reader.value('WAREHOUSE'),
      memoryLimit: reader.value('DUCKDB_MEMORY_LIMIT'),
      content: reader.value('CONTENT'),
      waitSeconds: reader.value('WAIT_SECONDS'),
      pricesFile: reader.value('PRICES_FILE'),
    },
    publish: {
      to: readPublishTo(reader),
      content: reader.value('PUBLISH_CONTENT'),
      spareMinutes: reader.value('PUBLISH_SPARE_MINUTES'),
    },
    sync: {
      days: reader.value('SYNC_DAYS'),
      settleMinutes: reader.value('SETTLE_MINUTES'),
      pageSize: reader.value('PAGE_SIZE'),
      batchRows: reader.value('BATCH_ROWS'),
      batchSeconds: reader.value('BATCH_SECONDS'),
      concurrency: reader.value('CONCURRENCY'),
    },
    queue: readQueue(reader),
    jobs: {
      syncCron: unlessOff(reader.value('SCHEDULE')),
      sweepCron: unlessOff(reader.value('SWEEP_SCHEDULE')),
      pricesCron: reader.isSet('PRICES_URL') ? unlessOff(reader.value('PRICES_SCHEDULE')) : null,
      timeZone: reader.value('SCHEDULE_TZ'),
      sweepDays: reader.value('SWEEP_DAYS'),
      concurrency: reader.value('WORKER_CONCURRENCY'),
      shutdownSeconds: reader.value('SHUTDOWN_SECONDS'),
    },
    web: readWeb(reader),
    alerts: {
      webhook: reader.value('ALERT_WEBHOOK'),
      expiryDays: reader.value('ALERT_EXPIRY_DAYS'),
      heartbeatUrl: reader.value('HEARTBEAT_URL'),
      afterHours: reader.value('ALERT_AFTER_HOURS'),
    },
    tracing: readTracing(reader),
    proxy: {
      https: reader.value('HTTPS_PROXY'),
      http: reader.value('HTTP_PROXY'),
      bypass: reader.value('NO_PROXY'),
      startedWith: reader.isSet('NODE_USE_ENV_PROXY'),
    },
    prices: { url: reader.value('PRICES_URL') },
    reports: {
      dir: reader.value('REPORTS_DIR'),
      budgetMonthly: reader.value('BUDGET_MONTHLY'),
      budgetsFile: reader.value('BUDGETS_FILE'),
    },
    log: readLog(reader),
  };
}

const unlessOff = (cron: string): string | null => (cron === 'off' ? null : cron);

function readQueue(reader: SettingsReader): QueueSettings {
  if (reader.isSet('REDIS_URL') && reader.isSet('QUEUE_URL')) {
    reader.complain('QUEUE_URL', 'is set beside REDIS_URL: remove the one that is not to hold the queue');
  }
  return {
    redisUrl: reader.value('REDIS_URL'),
    postgresUrl: reader.value('QUEUE_URL'),
    name: reader.value('QUEUE_NAME'),
  };
}

function readWeb(reader: SettingsReader): WebSettings {
  const host = reader.value('HTTP_HOST');
  const token = reader.value('HTTP_TOKEN');
  if (token === null && !isLoopback(host)) {
    const reason = 'HTTP_HOST is reached from other machines';
    reader.complain('HTTP_TOKEN', `is missing, as ${reason}: set one (\`openssl rand -hex 24\` makes it)`);
  }
  const content = reader.value('HTTP_CONTENT');
  if (token === null && content === 'full') {
    // Whoever has an account on this machine reaches its ports; the warehouse's file is its owner's alone.
    const reason = 'HTTP_CONTENT=full shows the text of prompts and answers';
    reader.complain('HTTP_TOKEN', `is missing, as ${reason}: set one (\`openssl rand -hex 24\` makes it)`);
  }
  return { host, port: reader.value('HTTP_PORT'), token, content };
}

/** @see the OpenTelemetry specification, "Protocol Exporter": the general endpoint is a base, the one for traces is whole. */
function readTracing(reader: SettingsReader): TracingSettings {
  const base = reader.value('OTEL_EXPORTER_OTLP_ENDPOINT');
  const headers = Object.entries(reader.value('OTEL_EXPORTER_OTLP_HEADERS') ?? {});
  return {
    url: reader.value('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? (base === null ? null : `${base}/v1/traces`),
    headers: Object.fromEntries(headers.map(([key, value]) => [key, decoded(value)])),
    serviceName: reader.value('OTEL_SERVICE_NAME'),
  };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // A lone % of a secret that nobody encoded.
    return value;
  }
}

function readPublishTo(reader: SettingsReader): string | null {
  const warehouse = reader.value('WAREHOUSE');
  const to = reader.value('PUBLISH_TO') ?? `${warehouse.replace(/\.duckdb$/, '')}.published.duckdb`;
  if (to === 'none') return null;
  if (resolve(to) === resolve(warehouse)) {
    reader.complain('PUBLISH_TO', 'is the warehouse itself: name another file, or none');
  }
  return to;
}

function readLog(reader: SettingsReader): LogSettings {
  return {
    level: reader.value('LOG_LEVEL'),
    format: reader.value('LOG_FORMAT'),
    color: reader.value('NO_COLOR') === null,
  };
}
