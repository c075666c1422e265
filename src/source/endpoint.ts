import { SettingsError } from '../errors.ts';
import type { ListFilter } from '../sync/ports.ts';
import type { SourceSettings } from './settings.ts';

export type NamedSetting =
  | 'API_KEY'
  | 'BASE_URL'
  | 'ORG_ID'
  | 'PROJECT_ID'
  | 'API_VERSION'
  | 'REQUESTS_PER_MINUTE';

/**
 * The variable that a message points to, as `config.ts` reads them: `OPENAI_API_KEY`, `PROD_API_KEY` of a source named
 * `prod`, and those that are shared by their bare name.
 */
export function settingName(source: Pick<SourceSettings, 'name'>, setting: NamedSetting): string {
  if (setting === 'REQUESTS_PER_MINUTE') return setting;
  if (setting === 'API_VERSION' && source.name === 'openai') return setting;
  return `${source.name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_${setting}`;
}

/** What stands behind `?`, in order; null values are left out. */
export type Query = readonly (readonly [key: string, value: string | number | null])[];

// encodeURIComponent throws on a lone surrogate. It writes a space as %20, which every server reads; `+` not all do.
const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** @param path behind the base URL, starting with `/`; its variable parts encoded by {@link pathOf}. */
export function urlOf(settings: SourceSettings, path: string, query: Query): string {
  const all: Query = [
    ...query,
    ['api-version', settings.kind === 'azure-dated' ? settings.apiVersion : null],
  ];
  const pairs = all.flatMap(([key, value]) =>
    value === null ? [] : [`${encode(key)}=${encode(String(value))}`],
  );
  return `${settings.baseUrl}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`;
}

/** Path of a stored completion, or null for an id that no URL can name ("." and ".." are resolved away, even encoded). */
export function pathOf(id: string): string | null {
  return id === '' || id === '.' || id === '..' ? null : `/chat/completions/${encode(id)}`;
}

/** `metadata[key]=value`, as deepObject brackets of the OpenAPI document. */
export function filterQuery(filter: ListFilter): Query {
  return [
    ['model', filter.model],
    ...Object.entries(filter.metadata).map(([key, value]) => [`metadata[${key}]`, value] as const),
  ];
}

export function headersOf(settings: SourceSettings): Readonly<Record<string, string>> {
  const azure = settings.kind === 'azure' || settings.kind === 'azure-dated';
  return {
    accept: 'application/json',
    'user-agent': 'tokenhouse',
    // A gateway that keeps GET replies would show an old head of the list.
    'cache-control': 'no-cache',
    ...(settings.apiKey === ''
      ? {}
      : azure
        ? { 'api-key': settings.apiKey }
        : { authorization: `Bearer ${settings.apiKey}` }),
    ...(settings.organization === null ? {} : { 'openai-organization': settings.organization }),
    ...(settings.project === null ? {} : { 'openai-project': settings.project }),
  };
}

/**
 * Refuses settings that fetch would refuse with a message that quotes them: a key with a line break, a URL with a
 * password.
 *
 * @throws {SettingsError} naming the setting, never its value.
 */
export function checkEndpoint(settings: SourceSettings): void {
  const refusal = (setting: NamedSetting, how: string): SettingsError =>
    new SettingsError(`${settingName(settings, setting)} ${how}`);
  const url = URL.parse(settings.baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw refusal('BASE_URL', 'is not a URL that starts with https:// or http://');
  }
  if (url.username !== '' || url.password !== '') {
    throw refusal(
      'BASE_URL',
      `holds a user name or password: give the key in ${settingName(settings, 'API_KEY')}`,
    );
  }
  if (/[?#]/.test(settings.baseUrl)) throw refusal('BASE_URL', 'holds a ? or #: give the part before it');
  if (!/^[\x21-\x7e]*$/.test(settings.apiKey)) {
    throw refusal('API_KEY', 'holds a space, a line break or a character outside ASCII: copy it again');
  }
  for (const [setting, value] of [
    ['ORG_ID', settings.organization],
    ['PROJECT_ID', settings.project],
  ] as const) {
    if (value !== null && !/^[\x21-\x7e]+$/.test(value)) {
      throw refusal(setting, 'is empty or holds a space, a line break or a character outside ASCII');
    }
  }
  if (settings.kind === 'azure-dated' && (settings.apiVersion ?? '') === '') {
    throw refusal('API_VERSION', 'is needed for an Azure endpoint without /v1, e.g. 2025-02-01-preview');
  }
}

/** The text that coverage is kept under: what decides which rows a listing shows. Equal settings give equal text. */
export function scopeOf(settings: SourceSettings): string {
  const pairs: Query = [
    ['organization', settings.organization],
    ['project', settings.project],
    ['model', settings.filter.model],
    ...Object.entries(settings.filter.metadata)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [`metadata[${key}]`, value] as const),
  ];
  const parts = pairs.flatMap(([key, value]) => (value === null ? [] : [`${key}=${encode(String(value))}`]));
  return [settings.baseUrl, ...parts].join(' ');
}

const ANSWERING = ' answering-project=';

/**
 * The scope with the project that answers. A project key names no project in the settings: only the reply's
 * `openai-project` header tells that a key was exchanged for one of another project, none of whose rows are read yet.
 */
export function scopeOfProject(scope: string, project: string | null): string {
  return project === null || scope.includes(' project=') ? scope : `${scope}${ANSWERING}${encode(project)}`;
}

/** Whether a scope that was recorded is of these settings, whichever project answered. */
export function isScopeOf(recorded: string, settings: SourceSettings): boolean {
  const scope = scopeOf(settings);
  return recorded === scope || recorded.startsWith(`${scope}${ANSWERING}`);
}
