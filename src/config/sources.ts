/** The sources that are configured: one named `openai`, or those that `SOURCES` names. */
import type { EndpointKind, EntraSettings, SourceSettings } from '../source/settings.ts';
import { type Field, isLoopback } from './fields.ts';
import type { SettingsReader } from './reader.ts';
import { NEVER_SHARED, ownName, SETTINGS, SOURCE_SETTINGS, type SourceSetting } from './table.ts';

/** Keeps the days OpenAI documents for `store: true`; no other server is known to drop rows by age. */
const OPENAI_RETENTION_DAYS = 30;

/** Wrong or missing settings become complaints of the reader; what is returned then is not to be used. */
export function readSources(reader: SettingsReader): readonly SourceSettings[] {
  const names = reader.parse('SOURCES', SETTINGS.SOURCES.field);
  // Without good names there is no telling which variables count.
  if (names === null && reader.isSet('SOURCES')) return [];
  return (names ?? [SETTINGS.SOURCES.default]).map((name) => readSource(reader, name));
}

function readSource(reader: SettingsReader, name: string): SourceSettings {
  const urlName = nameOf(reader, name, 'BASE_URL');
  const url =
    read(reader, name, 'BASE_URL', SETTINGS.OPENAI_BASE_URL.field) ?? SETTINGS.OPENAI_BASE_URL.default;
  const chosenKind = read(reader, name, 'ENDPOINT', SETTINGS.ENDPOINT.field);
  const kind = chosenKind ?? guessKind(url);
  const apiKey = read(reader, name, 'API_KEY', SETTINGS.OPENAI_API_KEY.field);
  const keyName = nameOf(reader, name, 'API_KEY');

  const auth = read(reader, name, 'AZURE_AUTH', SETTINGS.AZURE_AUTH.field) ?? SETTINGS.AZURE_AUTH.default;
  const isAzure = kind.startsWith('azure');
  const entra = auth === 'entra' && isAzure ? readEntra(reader) : null;
  const authName = nameOf(reader, name, 'AZURE_AUTH');
  // A shared one may be meant for another source.
  if (auth === 'entra' && !isAzure && (name === 'openai' || authName !== 'AZURE_AUTH')) {
    reader.complain(authName, 'is entra, and the endpoint is none of Azure: remove it');
  }
  if (entra !== null && apiKey !== null) {
    reader.complain(keyName, 'is set beside AZURE_AUTH=entra: remove one of them');
  }
  if (apiKey === null && kind !== 'compatible' && entra === null) {
    reader.complain(
      keyName,
      'is missing: set it to an API key of the project whose completions are to be copied',
    );
  }
  if ((apiKey !== null || entra !== null) && sendsInClear(url) && chosenKind !== 'compatible') {
    const kindName = name === 'openai' ? 'ENDPOINT' : ownName(name, 'ENDPOINT');
    reader.complain(
      urlName,
      `would send the API key in clear text: use https, or allow it with ${kindName}=compatible`,
    );
  }
  if (isAzure && !/\/openai(\/v1)?$/.test(new URL(url).pathname)) {
    reader.complain(
      urlName,
      'of an Azure resource must end in /openai/v1 (or in /openai, together with API_VERSION)',
    );
  }

  const retention = nameOf(reader, name, 'RETENTION_DAYS');
  return {
    name,
    kind,
    baseUrl: url,
    apiKey: apiKey ?? '',
    entra,
    organization: read(reader, name, 'ORG_ID', SETTINGS.OPENAI_ORG_ID.field),
    project: read(reader, name, 'PROJECT_ID', SETTINGS.OPENAI_PROJECT_ID.field),
    apiVersion: readApiVersion(reader, name, kind),
    filter: {
      model: read(reader, name, 'FILTER_MODEL', SETTINGS.FILTER_MODEL.field),
      metadata: read(reader, name, 'FILTER_METADATA', SETTINGS.FILTER_METADATA.field) ?? {},
    },
    requestTimeoutSeconds: reader.value('REQUEST_TIMEOUT_SECONDS'),
    responseBytesMax: reader.value('MAX_RESPONSE_MB') * 1024 * 1024,
    retriesMax: reader.value('RETRIES_MAX'),
    requestsPerMinute: reader.value('REQUESTS_PER_MINUTE'),
    // `none` parses to null too, so absence is asked for by name.
    retentionDays: reader.isSet(retention)
      ? reader.parse(retention, SETTINGS.RETENTION_DAYS.field)
      : kind === 'openai'
        ? OPENAI_RETENTION_DAYS
        : null,
  };
}

function readEntra(reader: SettingsReader): EntraSettings {
  const entra = {
    tenantId: reader.value('AZURE_TENANT_ID'),
    clientId: reader.value('AZURE_CLIENT_ID'),
    clientSecret: reader.value('AZURE_CLIENT_SECRET'),
    authorityHost: reader.value('AZURE_AUTHORITY_HOST'),
  };
  if (entra.clientSecret !== null) {
    for (const [name, value] of [
      ['AZURE_TENANT_ID', entra.tenantId],
      ['AZURE_CLIENT_ID', entra.clientId],
    ] as const) {
      if (value === null)
        reader.complain(name, 'is missing beside AZURE_CLIENT_SECRET: set it, or remove that');
    }
  }
  return entra;
}

function readApiVersion(reader: SettingsReader, source: string, kind: EndpointKind): string | null {
  const name = nameOf(reader, source, 'API_VERSION');
  if (kind === 'azure-dated') {
    if (!reader.isSet(name))
      reader.complain(name, 'is missing: ENDPOINT azure-dated needs one, such as 2025-02-01-preview');
    return reader.parse(name, SETTINGS.API_VERSION.field);
  }
  // A shared one may be meant for another source; one of its own cannot.
  if (reader.isSet(name) && (source === 'openai' || name !== SOURCE_SETTINGS.API_VERSION)) {
    reader.complain(name, 'is only for ENDPOINT azure-dated: remove it, or set the endpoint');
  }
  return null;
}

function read<T>(reader: SettingsReader, source: string, suffix: SourceSetting, field: Field<T>): T | null {
  return reader.parse(nameOf(reader, source, suffix), field);
}

/** The variable that counts for this source: its own when set, else the shared one, unless that belongs to one account. */
function nameOf(reader: SettingsReader, source: string, suffix: SourceSetting): string {
  const own = ownName(source, suffix);
  return reader.isSet(own) || NEVER_SHARED.has(suffix) ? own : SOURCE_SETTINGS[suffix];
}

/** @param url a base URL without a trailing slash. */
function guessKind(url: string): EndpointKind {
  const { hostname, pathname } = new URL(url);
  if (/\.(openai|services\.ai)\.azure\.com$/.test(hostname))
    return pathname.endsWith('/v1') ? 'azure' : 'azure-dated';
  return hostname === 'api.openai.com' || hostname.endsWith('.api.openai.com') ? 'openai' : 'compatible';
}

function sendsInClear(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname);
}
