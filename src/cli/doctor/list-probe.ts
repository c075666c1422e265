/** Probes of a source: one request, one page of one completion. */
import { TokenhouseError, TransientError } from '../../errors.ts';
import { type Probe, probe } from '../../health/probe.ts';
import { createSource } from '../../source/client.ts';
import { settingName } from '../../source/endpoint.ts';
import type { SourceSettings } from '../../source/settings.ts';
import { NO_FILTER, type Page } from '../../sync/ports.ts';
import { durationText, utcText } from '../progress.ts';

/** A doctor answers at once: no retry, as a server may ask for a wait of minutes before one. */
const TIMEOUT_SECONDS_MAX = 10;
/** Date has whole seconds, and a reply takes some. */
const SKEW_SECONDS_MAX = 60;

/** @returns the list and the clock. */
export async function probeSource(
  settings: SourceSettings,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<readonly Probe[]> {
  const hurried = {
    ...settings,
    retriesMax: 0,
    requestTimeoutSeconds: Math.min(settings.requestTimeoutSeconds, TIMEOUT_SECONDS_MAX),
  };
  try {
    const source = createSource(hurried, { clock: { nowMs } });
    const page = await source.fetchPage(
      { after: null, order: 'desc', pageSize: 1, filter: NO_FILTER },
      signal,
    );
    return [listProbe(settings, page, source.observedProject()), clockProbe(settings.name, page, nowMs())];
  } catch (error) {
    if (signal.aborted || !(error instanceof TokenhouseError)) throw error;
    return [
      probe('list', 'failed', error.message, mendOf(error, settings), settings.name),
      probe('clock', 'skipped', 'no reply to tell the time by', null, settings.name),
    ];
  }
}

function listProbe(settings: SourceSettings, page: Page, project: string | null): Probe {
  const { name, kind } = settings;
  const [newest] = page.items;
  if (newest === undefined) return emptyList(settings, page);
  if (newest.rejection !== null) {
    return probe(
      'list',
      'warn',
      `the list answers, but its newest item cannot be read: ${newest.rejection}`,
      'check that this is a list of chat completions; items like it go to sync.rejected',
      name,
    );
  }
  const time = newest.createdAt === null ? '' : `, newest completion of ${utcText(newest.createdAt)}`;
  const of = project === null ? '' : ` of ${project}`;
  return probe('list', 'ok', `the list${of} answers (${kind})${time}`, null, name);
}

/** It looks like success, and gateways without a list answer so too. */
function emptyList(settings: SourceSettings, page: Page): Probe {
  const { name, filter, project } = settings;
  const isFiltered = filter.model !== null || Object.keys(filter.metadata).length > 0;
  const reasons = [
    ...(page.hasMore === null
      ? [
          `a gateway at ${settingName(settings, 'BASE_URL')} that keeps nothing and answers so (has_more is missing)`,
        ]
      : []),
    ...(isFiltered ? ['no completion fits FILTER_MODEL and FILTER_METADATA'] : []),
    'calls are made without `store: true`',
    `the key is of another project than the calls'${project === null ? '' : ` (or ${settingName(settings, 'PROJECT_ID')} is)`}`,
    'logging is switched off for the organization, or it keeps no data at all (zero data retention)',
    'the last calls are older than the API keeps completions, or some seconds young',
  ];
  return probe(
    'list',
    'warn',
    'the endpoint answers with an empty list',
    `usual reasons: ${reasons.join('; ')}`,
    name,
  );
}

function clockProbe(name: string, { serverTime }: Page, nowMs: number): Probe {
  if (serverTime === null) return probe('clock', 'skipped', 'the reply has no Date', null, name);
  const skew = Math.round(nowMs / 1000 - serverTime);
  if (Math.abs(skew) <= SKEW_SECONDS_MAX) {
    return probe('clock', 'ok', `within ${SKEW_SECONDS_MAX} s of the server's`, null, name);
  }
  const side = skew > 0 ? 'ahead of' : 'behind';
  return probe(
    'clock',
    'warn',
    `this machine's clock is ${durationText(Math.abs(skew))} ${side} the server's`,
    'set it by NTP: the settle window and the cutoff are measured by it',
    name,
  );
}

/**
 * How to mend each way a list fails, told by our own sentences (http-error.ts, exchange.ts).
 * The tests of doctor hold the two together.
 */
const MENDS: readonly (readonly [sentence: RegExp, mend: (setting: Names) => string])[] = [
  [
    /lists nothing/,
    ({ baseUrl }) =>
      `point ${baseUrl} at a server with stored completions: https://api.openai.com/v1, https://RESOURCE.openai.azure.com/openai/v1, OGX, or LiteLLM's pass-through http://PROXY:4000/openai/v1`,
  ],
  [
    /lacks the scopes/,
    ({ key }) =>
      `set ${key} to a project key without restrictions, or grant it read access to stored completions`,
  ],
  [
    /want of (?:credit|payment)|spend limit/,
    () => 'add credit or raise the spend limit in the account’s billing settings',
  ],
  [
    /token of Entra is refused/,
    () => 'grant the identity a role on the resource that holds the data action named above',
  ],
  [
    /is refused \(40[13]|key in \S+ (?:is refused|may not)/,
    ({ key }) => `set ${key} to a current key of the project whose completions are stored`,
  ],
  [
    /its authority is not known here/,
    ({ baseUrl }) =>
      `export NODE_EXTRA_CA_CERTS=/path/to/authority.pem before the start; check the host in ${baseUrl}`,
  ],
  [/certificate of \S+ is not accepted/, ({ baseUrl }) => `check the host in ${baseUrl} and the clock here`],
  [/server redirects/, ({ baseUrl }) => `set ${baseUrl} to where it redirects to (https, host, path)`],
  [
    /not a list of completions/,
    ({ baseUrl }) => `check ${baseUrl}: it should end in /v1 (Azure: /openai/v1), without /chat/completions`,
  ],
  [/ignores the filter/, () => 'take FILTER_MODEL and FILTER_METADATA out of the settings'],
  [
    /proxy does not connect/,
    ({ baseUrl }) => `check HTTPS_PROXY (user, password, port), or name the host of ${baseUrl} in NO_PROXY`,
  ],
  [
    /connection failed|no complete reply/,
    ({ baseUrl }) =>
      `check the host in ${baseUrl}, the network, DNS and firewall; where only a proxy gets out, HTTPS_PROXY`,
  ],
  [/\(429/, () => 'wait a minute; set REQUESTS_PER_MINUTE lower if other programs share the limit'],
  [/is refused/, ({ baseUrl }) => `check that ${baseUrl} and ENDPOINT fit the server`],
];

interface Names {
  readonly key: string;
  readonly baseUrl: string;
}

function mendOf(error: TokenhouseError, settings: SourceSettings): string {
  const names = { key: settingName(settings, 'API_KEY'), baseUrl: settingName(settings, 'BASE_URL') };
  const known = MENDS.find(([sentence]) => sentence.test(error.message));
  if (known !== undefined) return known[1](names);
  return error instanceof TransientError
    ? 'try again in some minutes; the state of the server may pass'
    : 'mend what the line above names';
}
