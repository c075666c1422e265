/** A model of the list API in memory, with its own clock: what a sync is tested against, thousands of times over. */
import { CursorGoneError, TransientError, UnreadablePageError } from '../../src/errors.ts';
import {
  type CompletionId,
  type CompletionSource,
  type Item,
  type ListFilter,
  type Message,
  type OnTail,
  type Page,
  type PageRequest,
  unixSeconds,
} from '../../src/sync/ports.ts';
import { matches } from '../../src/sync/split.ts';
import { isPlaced, known } from '../../src/sync/walk.ts';
import type { Random } from './random.ts';

export interface ModelRow {
  readonly id: string;
  readonly createdAt: number;
  readonly model: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Second from which the list shows the row. */
  readonly visibleAt: number;
}

export interface ModelTraits {
  readonly cursor: 'strict' | 'exact';
  readonly ties: 'shuffled' | 'stable';
  /** Most rows on a page. */
  readonly pageRowsMax: number;
  /** `blind`: of a page cut by its limit it says whether anything is below its last second; `never`: always false. */
  readonly hasMore: 'honest' | 'missing' | 'blind' | 'never';
  readonly unknownCursor: 'error' | 'empty' | 'startsOver';
  readonly modelFilter: boolean;
  readonly metadataFilter: boolean;
  readonly ascending: boolean;
  readonly canRetrieve: boolean;
}

export const DEFAULT_TRAITS: ModelTraits = {
  cursor: 'strict',
  ties: 'shuffled',
  pageRowsMax: 20,
  hasMore: 'honest',
  unknownCursor: 'error',
  modelFilter: true,
  metadataFilter: true,
  ascending: true,
  canRetrieve: true,
};

export class ApiModel implements CompletionSource {
  readonly name = 'model';
  readonly scope = 'model';
  retentionSeconds: number | null = null;
  nowSeconds: number;
  /** So many replies to come are an empty list. */
  emptyReplies = 0;
  /** Rows whose pages the server fails on. */
  readonly poison = new Set<string>();
  /** Called before each answer, so that a test can add, delete and fail in mid-walk. */
  onRequest: (count: number) => void = () => {};
  /** Requests and replies of several walkers overtake each other by it; null: they do not. */
  delays: Random | null = null;
  readonly #rows = new Map<string, ModelRow>();
  readonly #traits: ModelTraits;
  readonly #random: Random;
  #requests = 0;

  constructor(nowSeconds: number, traits: ModelTraits, random: Random) {
    this.nowSeconds = nowSeconds;
    this.#traits = traits;
    this.#random = random;
  }

  add(row: ModelRow): void {
    this.#rows.set(row.id, row);
  }

  delete(id: string): void {
    this.#rows.delete(id);
  }

  /** Rows the list shows now. */
  visible(): ModelRow[] {
    return [...this.#rows.values()].filter((row) => row.visibleAt <= this.nowSeconds && this.#isKept(row));
  }

  /** Rows that are stored, shown or not yet. */
  stored(): ModelRow[] {
    return [...this.#rows.values()];
  }

  get listsAscending(): boolean {
    return this.#traits.ascending;
  }

  counts() {
    return { requests: this.#requests, retries: 0 };
  }

  async exists(id: CompletionId): Promise<boolean | null> {
    this.#countRequest();
    return this.#traits.canRetrieve ? this.#isVisible(id) : null;
  }

  async resolveScope(): Promise<string> {
    return this.scope;
  }

  async fetchMessages(): Promise<readonly Message[]> {
    return [];
  }

  async fetchPage(request: PageRequest, signal: AbortSignal, onTail?: OnTail): Promise<Page> {
    for (let left = this.delays?.below(6) ?? 0; left > 0; left -= 1) await null;
    const page = await this.#fetchPage(request, signal);
    for (let left = this.delays?.below(6) ?? 0; left > 0; left -= 1) await null;
    const rows = page.items.filter(isPlaced).map(known);
    const last = rows.at(-1);
    if (last !== undefined && onTail !== undefined) {
      const lastOfOtherSecond = rows.findLast((row) => row.createdAt !== last.createdAt) ?? null;
      onTail({ hasMore: page.hasMore, last, lastOfOtherSecond });
      // As over HTTP, what this asks for comes to the server before the page is read.
      await null;
    }
    return page;
  }

  async #fetchPage(request: PageRequest, signal: AbortSignal): Promise<Page> {
    signal.throwIfAborted();
    this.#countRequest();
    const { cursor, pageRowsMax, hasMore, unknownCursor } = this.#traits;
    if (this.emptyReplies > 0) {
      this.emptyReplies -= 1;
      const serverTime = unixSeconds(this.nowSeconds);
      return { items: [], hasMore: false, serverTime, observedAtMs: this.nowSeconds * 1000 };
    }
    let rows = this.#ordered(this.#traits.ascending ? request.order : 'desc', request.filter);
    let isStartedOver = false;
    if (request.after !== null) {
      const after = this.#rows.get(request.after);
      if (after === undefined || !this.#isVisible(request.after)) {
        if (unknownCursor === 'error') throw new CursorGoneError(request.after);
        if (unknownCursor === 'empty') rows = [];
        isStartedOver = true;
      }
      if (!isStartedOver && after !== undefined) {
        const isDescending = request.order === 'desc' || !this.#traits.ascending;
        if (cursor === 'strict') {
          rows = rows.filter((row) =>
            isDescending ? row.createdAt < after.createdAt : row.createdAt > after.createdAt,
          );
        } else rows = rows.slice(rows.findIndex((row) => row.id === after.id) + 1);
      }
    }
    const shown = rows.slice(0, Math.min(request.pageSize, pageRowsMax));
    if (shown.some((row) => this.poison.has(row.id)))
      throw new UnreadablePageError('the model fails on this page');
    return {
      items: shown.map(toItem),
      hasMore: this.#hasMore(hasMore, rows, shown, request.pageSize),
      serverTime: unixSeconds(this.nowSeconds),
      observedAtMs: this.nowSeconds * 1000,
    };
  }

  #hasMore(
    kind: ModelTraits['hasMore'],
    rows: readonly ModelRow[],
    shown: readonly ModelRow[],
    pageSize: number,
  ): boolean | null {
    if (kind === 'missing') return null;
    if (kind === 'never') return false;
    if (kind === 'honest' || shown.length < pageSize) return rows.length > shown.length;
    return rows.slice(shown.length).some((row) => row.createdAt !== shown.at(-1)?.createdAt);
  }

  #countRequest(): void {
    this.#requests += 1;
    this.onRequest(this.#requests);
  }

  #isVisible(id: string): boolean {
    const row = this.#rows.get(id);
    return row !== undefined && row.visibleAt <= this.nowSeconds && this.#isKept(row);
  }

  #isKept(row: ModelRow): boolean {
    return this.retentionSeconds === null || row.createdAt >= this.nowSeconds - this.retentionSeconds;
  }

  #ordered(order: 'desc' | 'asc', filter: ListFilter): ModelRow[] {
    const asked: ListFilter = {
      model: this.#traits.modelFilter ? filter.model : null,
      metadata: this.#traits.metadataFilter ? filter.metadata : {},
    };
    const rows = this.visible().filter((row) => matches(toItem(row), asked));
    const mixed =
      this.#traits.ties === 'shuffled' && this.#traits.cursor === 'strict'
        ? this.#random.shuffle(rows)
        : rows.sort((a, b) => (a.id < b.id ? -1 : 1));
    return mixed.sort((a, b) => (order === 'desc' ? b.createdAt - a.createdAt : a.createdAt - b.createdAt));
  }
}

export function flaky(): TransientError {
  return new TransientError('the model fails here');
}

function toItem(row: ModelRow): Item {
  return {
    id: row.id as CompletionId,
    createdAt: unixSeconds(row.createdAt),
    model: row.model,
    metadata: row.metadata,
    raw: Buffer.from(JSON.stringify(row)),
    isPlain: true,
    rejection: null,
  };
}
