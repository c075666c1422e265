/** The rows an emulator serves: generated ones as numbers, explicit ones as the text they were given in. */
import { FilterIndex, type RowFilter } from './columns.ts';
import { type ExplicitRow, explicitRow, type NewRow, withMetadata } from './explicit.ts';
import type { Generated } from './generate.ts';
import { rowId, rowIndex } from './ids.ts';
import { ItemBytes } from './item-bytes.ts';
import type { ItemShape } from './quirks.ts';
import { metadataOf, renderItem, renderMessages } from './render.ts';

/** A generated row's index, or an explicit row. */
export type RowRef = number | ExplicitRow;

/** Rows of one kind that match a filter, ascending by `created`. */
export interface Run {
  readonly length: number;
  createdAt(place: number): number;
  at(place: number): RowRef;
}

export class RowStore {
  readonly #generated: Generated;
  readonly #filters: FilterIndex;
  readonly #shape: () => ItemShape;
  readonly #bytes: ItemBytes;
  readonly #explicit = new Map<string, ExplicitRow>();
  /** Ascending by `created`; null after a change, made again when next read. */
  #sorted: readonly ExplicitRow[] | null = null;
  /** One byte a generated row, 1 for a deleted one; null until the first delete. */
  #deleted: Uint8Array | null = null;
  #deletedCount = 0;

  /** @param shape the item shape that generated rows are rendered in right now. */
  constructor(generated: Generated, shape: () => ItemShape) {
    this.#generated = generated;
    this.#filters = new FilterIndex(generated);
    this.#shape = shape;
    this.#bytes = new ItemBytes(generated.created.length);
  }

  /** Rows held, those that are not visible yet or no more included. */
  get size(): number {
    return this.#generated.created.length - this.#deletedCount + this.#explicit.size;
  }

  /** Generated rows that were deleted: while it is 0, counting needs no look at the rows. */
  get deletedCount(): number {
    return this.#deletedCount;
  }

  /** Adds rows, or replaces those whose id is there already. Many are best given as one array. */
  add(...rows: readonly (NewRow | readonly NewRow[])[]): void {
    for (const row of rows.flat()) {
      const replaced = this.find(row.id);
      if (typeof replaced === 'number') this.#dropGenerated(replaced);
      this.#explicit.set(row.id, explicitRow(row));
    }
    this.#sorted = null;
  }

  /** @returns whether the row was there. */
  delete(id: string): boolean {
    const row = this.find(id);
    if (row === null) return false;
    if (typeof row === 'number') this.#dropGenerated(row);
    else this.#explicit.delete(id);
    this.#sorted = null;
    return true;
  }

  /** Replaces the row's metadata, in the columns a filter looks at and in the text. @returns whether the row was there. */
  updateMetadata(id: string, metadata: Readonly<Record<string, string>>): boolean {
    const row = this.find(id);
    if (row === null) return false;
    const before = typeof row === 'number' ? this.#asExplicit(row) : row;
    if (typeof row === 'number') this.#dropGenerated(row);
    this.#explicit.set(id, { ...before, metadata, raw: withMetadata(before.raw, metadata) });
    this.#sorted = null;
    return true;
  }

  /** @returns the row, visible or not; null when none has this id. */
  find(id: string): RowRef | null {
    const explicit = this.#explicit.get(id);
    if (explicit !== undefined) return explicit;
    const index = rowIndex(this.#generated.options.seed, id);
    if (index === null || index >= this.#generated.created.length || this.isDeleted(index)) return null;
    return index;
  }

  isDeleted(row: RowRef): boolean {
    return typeof row === 'number' && this.#deleted?.[row] === 1;
  }

  idOf(row: RowRef): string {
    return typeof row === 'number' ? rowId(this.#generated.options.seed, row) : row.id;
  }

  createdOf(row: RowRef): number {
    return typeof row === 'number' ? (this.#generated.created[row] ?? 0) : row.created;
  }

  modelOf(row: RowRef): string | null {
    if (typeof row !== 'number') return row.model;
    return this.#generated.model.values[this.#generated.model.codeOf(row)] ?? null;
  }

  metadataOf(row: RowRef): Readonly<Record<string, string>> {
    return typeof row === 'number' ? metadataOf(this.#generated, row) : row.metadata;
  }

  /** The row's JSON text as it is served. */
  rawOf(row: RowRef): string {
    return typeof row === 'number' ? renderItem(this.#generated, row, this.#shape()) : row.raw;
  }

  /** The same as UTF-8; not to be written to. */
  bytesOf(row: RowRef): Uint8Array {
    if (typeof row !== 'number') return Buffer.from(row.raw);
    const shape = this.#shape();
    return this.#bytes.of(row, shape, () => renderItem(this.#generated, row, shape));
  }

  /** The input messages' JSON texts, in the order of the conversation, without ids for generated rows. */
  messagesOf(row: RowRef): readonly string[] {
    return typeof row === 'number' ? renderMessages(this.#generated, row) : row.messages;
  }

  matches(row: RowRef, filter: RowFilter): boolean {
    if (filter.model !== null && this.modelOf(row) !== filter.model) return false;
    const wanted = Object.entries(filter.metadata);
    if (wanted.length === 0) return true;
    const metadata = this.metadataOf(row);
    return wanted.every(([key, value]) => metadata[key] === value);
  }

  /** @returns the rows of a filter as two runs; deleted and invisible rows are still in them. */
  runs(filter: RowFilter): readonly [generated: Run, explicit: Run] {
    const { created } = this.#generated;
    const indices = this.#filters.rowsOf(filter);
    const whole = filter.model === null && Object.keys(filter.metadata).length === 0;
    const sorted = this.#sortedExplicit();
    const explicit = whole ? sorted : sorted.filter((row) => this.matches(row, filter));
    return [
      indices === null
        ? { length: created.length, createdAt: (place) => created[place] ?? 0, at: (place) => place }
        : {
            length: indices.length,
            createdAt: (place) => created[indices[place] ?? 0] ?? 0,
            at: (place) => indices[place] ?? 0,
          },
      {
        length: explicit.length,
        createdAt: (place) => explicit[place]?.created ?? 0,
        at: (place) => explicit[place] ?? 0,
      },
    ];
  }

  /** Every row held, oldest first, visible or not. */
  *rows(): Generator<RowRef> {
    const [generated, explicit] = this.runs({ model: null, metadata: {} });
    let at = 0;
    for (let place = 0; place < generated.length; place++) {
      while (at < explicit.length && explicit.createdAt(at) < generated.createdAt(place))
        yield explicit.at(at++);
      if (!this.isDeleted(place)) yield place;
    }
    while (at < explicit.length) yield explicit.at(at++);
  }

  /** Ids of every row held, newest first. */
  ids(): string[] {
    return Array.from(this.rows(), (row) => this.idOf(row)).reverse();
  }

  #sortedExplicit(): readonly ExplicitRow[] {
    this.#sorted ??= [...this.#explicit.values()].sort((a, b) => a.created - b.created);
    return this.#sorted;
  }

  #asExplicit(index: number): ExplicitRow {
    return {
      id: this.idOf(index),
      created: this.createdOf(index),
      model: this.modelOf(index),
      metadata: this.metadataOf(index),
      raw: this.rawOf(index),
      messages: this.messagesOf(index),
      visibleAtSeconds: null,
    };
  }

  #dropGenerated(index: number): void {
    this.#deleted ??= new Uint8Array(this.#generated.created.length);
    this.#deleted[index] = 1;
    this.#deletedCount++;
  }
}
