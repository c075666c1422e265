import type { ListFilter } from '../sync/ports.ts';

/**
 * - `openai`: api.openai.com, its regional hosts and proxies of it; `Authorization: Bearer`.
 * - `azure`: Azure OpenAI v1 (`…/openai/v1`), header `api-key`.
 * - `azure-dated`: Azure OpenAI with `api-version` (`…/openai`), header `api-key`.
 * - `compatible`: any other server with the same list.
 */
export type EndpointKind = 'openai' | 'azure' | 'azure-dated' | 'compatible';

/** How a token of Entra is asked for. With tenant, client and secret: for that application; else for the identity of the machine. */
export interface EntraSettings {
  readonly tenantId: string | null;
  /** Of the application, or of a managed identity that a user assigned. */
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  /** Of a sovereign cloud; null: the public one's. */
  readonly authorityHost: string | null;
}

/** All that is needed to list one source; made by `config.ts`. */
export interface SourceSettings {
  readonly name: string;
  readonly kind: EndpointKind;
  /** Without a trailing slash; the paths `/chat/completions…` are put behind it. */
  readonly baseUrl: string;
  /** Sent in a header only. Empty for a compatible server that wants none, and with `entra`. */
  readonly apiKey: string;
  /** Tokens of Entra in place of a key; null: the key. Of Azure only. */
  readonly entra: EntraSettings | null;
  readonly organization: string | null;
  readonly project: string | null;
  /** `api-version` of azure-dated; null otherwise. */
  readonly apiVersion: string | null;
  readonly filter: ListFilter;
  readonly requestTimeoutSeconds: number;
  /** A longer reply, decoded, is not read: MAX_RESPONSE_MB. */
  readonly responseBytesMax: number;
  /** Tries after the first one, for a request that may succeed later. */
  readonly retriesMax: number;
  /** Upper bound of the budget, which sinks with 429s and rate-limit headers and recovers. */
  readonly requestsPerMinute: number;
  /** Days the API keeps a completion; null: for ever, as far as known. */
  readonly retentionDays: number | null;
}
