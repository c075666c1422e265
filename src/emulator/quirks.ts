/** How servers of this API differ. Every difference that was recorded or read in a server's source is a switch here. */

/** Which fields an item has. Explicit rows are served as they were given; this shapes generated and created ones. */
export interface ItemShape {
  readonly object: 'present' | 'null' | 'absent';
  readonly usage: 'present' | 'null' | 'absent';
  /** `own`: as the row has it (mostly absent, as recorded). */
  readonly usageDetails: 'own' | 'null' | 'absent';
  readonly finishReason: 'present' | 'null' | 'absent';
  readonly serviceTier: 'present' | 'null';
  readonly metadata: 'present' | 'absent';
  /** request_id, seed, top_p, temperature, penalties, tool_choice, tools, input_user, response_format. */
  readonly storedFields: 'present' | 'absent';
  readonly requestId: 'req' | 'uuid';
  /** OGX lists each row with the messages it answered. */
  readonly inputMessages: boolean;
  /** `omitted`: a null field is left out, as servers that dump with `exclude_none` do. */
  readonly nulls: 'kept' | 'omitted';
}

/** What an endpoint answers: its rows, or the refusal of a server without it. */
export type Endpoint = 'served' | 'not-found' | 'not-allowed' | 'not-implemented';

export interface Quirks {
  /** `strict`: the next page starts beyond the cursor's second. `exact`: behind the cursor's row, inside the second too. */
  cursor: 'strict' | 'exact';
  /**
   * Order of rows with one `created`. `shuffled`: another one on each call. `id`: ids ascending, whatever `order` says.
   * `id-mirrored`: ids ascending or descending as `order` says. An exact cursor reads `shuffled` as `id`.
   */
  ties: 'shuffled' | 'id' | 'id-mirrored';
  defaultOrder: 'desc' | 'asc';
  order: 'honoured' | 'ignored';
  defaultPageSize: number;
  limit: 'honoured' | 'ignored';
  /** Largest `limit`; null: none. */
  limitMax: number | null;
  aboveLimitMax: 'clamp' | 'refuse';
  /** `ignored`: the first page for ever. */
  after: 'honoured' | 'ignored';
  unknownAfter: 'not-found' | 'bad-request' | 'empty-page' | 'first-page';
  /** `after` names a row that the filter leaves out: taken as a place in time, or as unknown. */
  afterOutsideFilter: 'accepted' | 'unknown';
  /** `always-true`: the walk ends with empty `data`. */
  hasMore: 'present' | 'missing' | 'always-true';
  /** first_id and last_id. */
  pageIds: 'present' | 'absent';
  /** first_id and last_id of a page without rows. */
  emptyPageIds: 'null' | 'empty-text' | 'absent';
  modelFilter: 'honoured' | 'ignored';
  metadataFilter: 'honoured' | 'ignored';
  /** A `total` beside the rows, as Azure has it. */
  total: boolean;
  item: ItemShape;
  list: Endpoint;
  retrieve: Endpoint;
  messages: Endpoint;
  update: Endpoint;
  remove: Endpoint;
  create: Endpoint;
  /** Status for an id that is not there. */
  unknownId: 404 | 400;
  /**
   * Errors as `openai`: {error: {message, type, param, code}}; `message-only`: {error: {message}};
   * `text`: {error: "…"}; `detail`: {detail: "…"}; `number-code`: as openai with the status as `code`.
   */
  errors: 'openai' | 'message-only' | 'text' | 'detail' | 'number-code';
  /** Parameters are checked as OGX does, with its texts, or as OpenAI's other lists do. */
  parameterErrors: 'openai' | 'ogx';
  /** Order of an envelope's keys: object first, or object last (OGX). */
  envelope: 'object-first' | 'object-last';
  /** Ids of messages: `<completion id>-<n>` or `msg-<n>`. */
  messageIds: 'completion' | 'msg';
  /** The key that requests must carry, as `Authorization: Bearer` or `api-key`; null: none is asked for. */
  apiKey: string | null;
  /** Whether paths without `/v1` must name an `api-version`. */
  apiVersion: 'optional' | 'required';
  /** Value of the `openai-project` header; null: no such header. */
  project: string | null;
  /** Seconds rows are kept; older ones are neither listed nor found. null: for ever. */
  retentionSeconds: number | null;
}

const STORED_ITEM: ItemShape = {
  object: 'present',
  usage: 'present',
  usageDetails: 'own',
  finishReason: 'present',
  serviceTier: 'present',
  metadata: 'present',
  storedFields: 'present',
  requestId: 'req',
  inputMessages: false,
  nulls: 'kept',
};

/** As recorded against api.openai.com in September 2025. Not recorded: `limit` above 100, an unknown `after`. */
const OPENAI: Quirks = {
  cursor: 'strict',
  ties: 'shuffled',
  defaultOrder: 'desc',
  order: 'honoured',
  defaultPageSize: 20,
  limit: 'honoured',
  limitMax: 100,
  aboveLimitMax: 'refuse',
  after: 'honoured',
  unknownAfter: 'not-found',
  afterOutsideFilter: 'accepted',
  hasMore: 'present',
  pageIds: 'present',
  emptyPageIds: 'null',
  modelFilter: 'honoured',
  metadataFilter: 'honoured',
  total: false,
  item: STORED_ITEM,
  list: 'served',
  retrieve: 'served',
  messages: 'served',
  update: 'served',
  remove: 'served',
  create: 'served',
  unknownId: 404,
  errors: 'openai',
  parameterErrors: 'openai',
  envelope: 'object-first',
  messageIds: 'completion',
  apiKey: null,
  apiVersion: 'optional',
  project: 'proj_emulated',
  retentionSeconds: null,
};

/** Microsoft's how-to "Azure OpenAI stored completions": null finish_reason, object, tier and details; `total`; uuids. */
const AZURE: Quirks = {
  ...OPENAI,
  item: {
    ...STORED_ITEM,
    object: 'null',
    usageDetails: 'null',
    finishReason: 'null',
    serviceTier: 'null',
    requestId: 'uuid',
  },
  total: true,
  apiVersion: 'required',
  project: null,
};

/** OGX (Llama Stack) 1.5.0, from calls recorded against it. */
const OGX_1_5: Quirks = {
  ...OPENAI,
  cursor: 'exact',
  ties: 'id',
  limitMax: null,
  unknownAfter: 'bad-request',
  afterOutsideFilter: 'unknown',
  emptyPageIds: 'empty-text',
  metadataFilter: 'ignored',
  item: {
    ...STORED_ITEM,
    usage: 'null',
    serviceTier: 'null',
    metadata: 'absent',
    storedFields: 'absent',
    inputMessages: true,
  },
  update: 'not-allowed',
  remove: 'not-allowed',
  unknownId: 400,
  errors: 'message-only',
  parameterErrors: 'ogx',
  envelope: 'object-last',
  project: null,
};

const PRESETS = {
  openai: OPENAI,
  azure: AZURE,
  'ogx-1.5': OGX_1_5,
  /** 1.4.1 and older cut ties as OpenAI does, but always the same ones. */
  'ogx-1.4': { ...OGX_1_5, cursor: 'strict', afterOutsideFilter: 'accepted' },
  /** Gateways that answer `{"object":"list","data":[…]}` and nothing else. */
  gateway: {
    ...OPENAI,
    hasMore: 'missing',
    pageIds: 'absent',
    update: 'not-found',
    remove: 'not-found',
    project: null,
  },
  /** stdapi.ai: ascending unless told otherwise, nulls left out, message ids `msg-<n>`. */
  stdapi: {
    ...OPENAI,
    cursor: 'exact',
    ties: 'id',
    defaultOrder: 'asc',
    emptyPageIds: 'absent',
    item: { ...STORED_ITEM, storedFields: 'absent', nulls: 'omitted' },
    messageIds: 'msg',
    project: null,
  },
  /** `GET` is refused with 405, as reported in openai-python#2703 and by proxies that only know POST. */
  'no-list': { ...OPENAI, list: 'not-allowed' },
  /** A Rust fixture server: an `after` it does not know starts again at the first page. */
  restarting: { ...OPENAI, aboveLimitMax: 'clamp', unknownAfter: 'first-page', project: null },
} as const satisfies Record<string, Quirks>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];

/** @returns a copy, free to be changed. */
export const preset = (name: PresetName): Quirks => ({ ...PRESETS[name] });
