/** What a sync needs from outside, and the words they share. Nothing here knows HTTP, DuckDB or a clock. */

/** Whole seconds since 1970-01-01T00:00:00Z, as the API's `created`. */
export type UnixSeconds = number & { readonly __brand: 'UnixSeconds' };
export const unixSeconds = (value: number): UnixSeconds => value as UnixSeconds;

/** The API's id of a completion, e.g. `chatcmpl-…`; a cursor is one of these. */
export type CompletionId = string & { readonly __brand: 'CompletionId' };

/** Whole seconds, both ends included, `from <= to`. */
export interface SecondRange {
  readonly from: UnixSeconds;
  readonly to: UnixSeconds;
}

/** Narrows a listing; null and {} leave it whole. Pairs of metadata are ANDed. */
export interface ListFilter {
  readonly model: string | null;
  readonly metadata: Readonly<Record<string, string>>;
}
export const NO_FILTER: ListFilter = { model: null, metadata: {} };

/** Newest first, or oldest first. */
export type Order = 'desc' | 'asc';

export interface PageRequest {
  /** Id the page starts after, exclusive; null starts at the end of the list that `order` names first. */
  readonly after: CompletionId | null;
  readonly order: Order;
  /** Rows asked for. A server may answer fewer or more: nothing is concluded from it. */
  readonly pageSize: number;
  /** Added to the filter the source itself is configured with. */
  readonly filter: ListFilter;
}

/** One element of a page's `data`. */
export interface Item {
  /** null when it has none that can be read (then `rejection` says so). */
  readonly id: CompletionId | null;
  /** null when it has none that can be read (then `rejection` says so). */
  readonly createdAt: UnixSeconds | null;
  readonly model: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** The element's JSON text exactly as it stood in the reply, to the byte; UTF-8. */
  readonly raw: Uint8Array;
  /** The text has the ordinary form of a completion: whichever JSON reader the warehouse has, it reads it as we do. */
  readonly isPlain: boolean;
  /** null: can be loaded. Else why it cannot, without any of its text: it goes to `sync.rejected`. */
  readonly rejection: string | null;
}

/** An item the walk can place in time and use as a cursor. */
export interface PlacedItem extends Item {
  readonly id: CompletionId;
  readonly createdAt: UnixSeconds;
}

export interface Page {
  /** In the order of the reply. */
  readonly items: readonly Item[];
  /** The reply's `has_more`; null when it has none. */
  readonly hasMore: boolean | null;
  /** The reply's Date header; null when absent or unreadable. */
  readonly serverTime: UnixSeconds | null;
  /** When the reply was complete, milliseconds since 1970: which observation of a row is the newer one. */
  readonly observedAtMs: number;
}

/** The end of a page, told before the rest of it is read: enough to ask for the next one meanwhile. */
export interface PageTail {
  readonly hasMore: boolean | null;
  /** The last row. */
  readonly last: KnownRow;
  /** The last row of another second than `last`'s; null: none has one. */
  readonly lastOfOtherSecond: KnownRow | null;
}

/** Not called where the page has no row that can be placed. A source need not call it. */
export type OnTail = (tail: PageTail) => void;

/** One message of a stored completion's input, as `GET …/{id}/messages` lists it. */
export interface Message {
  readonly completionId: CompletionId;
  readonly completionCreatedAt: UnixSeconds;
  /** 0 for the first message of the conversation. */
  readonly index: number;
  readonly raw: string;
  readonly body: unknown;
}

/** One listing of stored completions: an endpoint, a key and a filter. */
export interface CompletionSource {
  /** The name in every table's `source` column. */
  readonly name: string;
  /** Endpoint, organization, project and filter as the settings have them, as text, no key. */
  readonly scope: string;
  /** Seconds the API keeps a completion; null: for ever, as far as known. */
  readonly retentionSeconds: number | null;
  /**
   * @throws {CursorGoneError} when the API does not know `after`; {@link TransientError} when retries are used up,
   * {@link UnreadablePageError} where it is this page that fails;
   * {@link TerminalError} when asking again cannot help.
   */
  fetchPage(request: PageRequest, signal: AbortSignal, onTail?: OnTail): Promise<Page>;
  /**
   * The scope with what only the server tells of whose rows it lists. Coverage holds only for the scope it was read in.
   * @throws as `fetchPage`.
   */
  resolveScope(signal: AbortSignal): Promise<string>;
  /** Whether the API still knows the id; null when this server cannot tell. */
  exists(id: CompletionId, signal: AbortSignal): Promise<boolean | null>;
  /** The input messages in the order of the conversation; empty when the API has none for it. */
  fetchMessages(item: PlacedItem, signal: AbortSignal): Promise<readonly Message[]>;
  /** Totals since the source was made; a run makes its own. */
  counts(): SourceCounts;
}

export interface SourceCounts {
  /** HTTP requests sent, retries included. */
  readonly requests: number;
  readonly retries: number;
}

/**
 * - `dense`: one second holds more rows than pages could show, so some may be missing.
 * - `unreadable`: the server fails on the pages of this stretch, from either side.
 * - `retention`: older than the API keeps rows, never read in time; rows may have expired unseen.
 */
export type GapKind = 'dense' | 'unreadable' | 'retention';

/** Seconds above the cutoff that could not be proven to be read in full. */
export interface Gap extends SecondRange {
  readonly kind: GapKind;
  /** Rows of these seconds that were read. */
  readonly rowsSeen: number;
  /** Estimate of the rows that were not; null when nothing is known of them. */
  readonly rowsMissingEstimate: number | null;
  /** How it was tried, for a person. */
  readonly detail: string;
}

/** For people: the newest row of the last landed run. The walk trusts coverage, not this. */
export interface Checkpoint {
  readonly lastSyncedId: CompletionId;
  readonly lastSyncedAt: UnixSeconds;
}

export type RunKind = 'sync' | 'backfill' | 'sweep';

export interface RunStart {
  readonly source: string;
  readonly scope: string;
  readonly kind: RunKind;
  /** The stretch the run is to fill. */
  readonly range: SecondRange;
  readonly startedAtMs: number;
}

/**
 * Running totals of a run. In a batch, `rowsInserted`, `rowsUpdated` and `rowsRejected` are those of the batches before;
 * `load` adds its own before it writes them.
 */
export interface RunCounts {
  readonly pages: number;
  readonly rowsRead: number;
  readonly rowsInserted: number;
  readonly rowsUpdated: number;
  readonly rowsRejected: number;
  readonly rowsDeleted: number;
  readonly requests: number;
  readonly retries: number;
}

/** `landed`: the whole range was walked. `interrupted` and `failed` runs are resumed by the next one. */
export type RunStatus = 'landed' | 'interrupted' | 'failed';

export interface RunEnd {
  readonly status: RunStatus;
  readonly finishedAtMs: number;
  /** Seconds of the range that stay unproven, open gaps included. */
  readonly unprovenSeconds: number;
  /** Class and message of the error that ended it; null when none did. */
  readonly error: string | null;
}

/** What one transaction writes: all of it, or nothing. */
export interface Batch {
  readonly runId: string;
  readonly source: string;
  readonly scope: string;
  /** Any order, repeats allowed; the newest observation of a row wins. */
  readonly items: readonly ObservedItem[];
  readonly messages: readonly Message[];
  /** Seconds that these items and all batches before prove to be read in full. */
  readonly covered: readonly SecondRange[];
  /** Replaces what is known of the same seconds and kind. */
  readonly gaps: readonly Gap[];
  readonly checkpoint: Checkpoint | null;
  /** Oldest row the API was seen to serve; null: not looked at. */
  readonly oldestServedAt: UnixSeconds | null;
  /** Of a run that reads covered seconds again; null: it does not, and what it has not met says nothing. */
  readonly reread: Reread | null;
  readonly counts: RunCounts;
  readonly end: RunEnd | null;
}

/** Rows held of `met` seconds that were last met before the run began are deleted at the API, unless they are old enough to have expired. */
export interface Reread {
  /** Seconds of which this run has met every row the API lists; some covered ones are proven in other ways. */
  readonly met: readonly SecondRange[];
  /** Milliseconds since 1970; the run's start. */
  readonly sinceMs: number;
  /** Older rows may have expired; 0: none do. */
  readonly keptFrom: UnixSeconds;
}

export interface ObservedItem {
  readonly item: Item;
  readonly observedAtMs: number;
}

export interface LoadCounts {
  /** Completions that were not there before. */
  readonly rowsInserted: number;
  /** Completions that were there with another content. */
  readonly rowsUpdated: number;
  /** Items newly in `sync.rejected`. */
  readonly rowsRejected: number;
  /** Completions found to be deleted at the API; their rows stay. */
  readonly rowsDeleted: number;
}

export interface KnownRow {
  readonly id: CompletionId;
  readonly createdAt: UnixSeconds;
}

/** A row that is held, and how many are of its part of the time: its own second and some before it. */
export interface HeldRow extends KnownRow {
  readonly rows: number;
}

/** Where completions are loaded to: rows and the state of the sync in one transaction. */
export interface Warehouse {
  /** Records the run and returns its id; runs of the source that never ended are marked `abandoned`. */
  startRun(run: RunStart): Promise<string>;
  /** Disjoint ranges, ascending, never touching. */
  readCoverage(source: string, scope: string): Promise<readonly SecondRange[]>;
  /** Unresolved gaps, ascending. */
  readGaps(source: string, scope: string): Promise<readonly (Gap & SecondRange)[]>;
  readCheckpoint(source: string): Promise<Checkpoint | null>;
  /**
   * The `rank`-th nearest distinct second above `second` that has a row, and one row of it.
   * @param rank 1 for the nearest.
   */
  knownRowAbove(source: string, second: UnixSeconds, rank: number): Promise<KnownRow | null>;
  /** Some rows of the stretch, newest first, spread over its time: `count` at the most, each with how many it stands for. */
  knownRowsWithin(source: string, range: SecondRange, count: number): Promise<readonly HeldRow[]>;
  /**
   * Models and metadata pairs of rows held for the source, the most frequent first: the values a dense second can be split by.
   * @param limit how many of each at the most.
   */
  knownSplitValues(source: string, limit: number): Promise<SplitValues>;
  /** The nearest row held below `second`; null: none. */
  knownRowBelow(source: string, second: UnixSeconds): Promise<KnownRow | null>;
  /** Ids of all rows held of one second. */
  knownIdsIn(source: string, second: UnixSeconds): Promise<readonly CompletionId[]>;
  /** One transaction: rows, rejected items, coverage, gaps, checkpoint and the run's totals. */
  load(batch: Batch): Promise<LoadCounts>;
}

export interface SplitValues {
  readonly models: readonly string[];
  readonly metadata: readonly (readonly [key: string, value: string])[];
}

export const NO_COUNTS: RunCounts = {
  pages: 0,
  rowsRead: 0,
  rowsInserted: 0,
  rowsUpdated: 0,
  rowsRejected: 0,
  rowsDeleted: 0,
  requests: 0,
  retries: 0,
};

export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
}
