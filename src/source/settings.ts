import type { ListFilter } from '../sync/ports.ts';

/**
 * - `openai`: api.openai.com, its regional hosts and proxies of it; `Authorization: Bearer`.
 * - `azure`: Azure OpenAI v1 (`…/openai/v1`), header `api-key`.
 * - `azure-dated`: Azure OpenAI with `api-version` (`…/openai`), header `api-key`.
 * - `compatible`: any other server with the same list.
 */
export type EndpointKind = 'openai' | 'azure' | 'azure-dated' | 'compatible';

/** All that is needed to list one source; made by `config.ts`. */
export interface SourceSettings {
  readonly name: string;
  readonly kind: EndpointKind;
  /** Without a trailing slash; the paths `/chat/completions…` are put behind it. */
  readonly baseUrl: string;
  /** Sent in a header only. Empty for a compatible server that wants none. */
  readonly apiKey: string;
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
