/**
 * The published copy: a file of its own that BI tools, `query` and the dashboard read while a sync writes the warehouse.
 *
 * It is written beside and put in place by a rename: whoever opens it finds all of the old or all of the new one, and whoever
 * has it open keeps nobody waiting. It goes on from a clone of the copy before it, or from the one before that (see `spare-file.ts`),
 * with what has changed since, so its cost is that of the new rows and of the days they belong to.
 */
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { BusyError, TerminalError, TokenhouseError, TransientError } from '../../errors.ts';
import { applyPrices } from '../editions.ts';
import { type Attachment, connect, detach, reattach, STORAGE } from '../engine/attachment.ts';
import { OutOfMemoryError } from '../engine/engine-error.ts';
import { giveBackMemory, giveBackWhenHigh } from '../engine/memory.ts';
import { Mutex } from '../engine/mutex.ts';
import type { Session, Statements } from '../engine/session.ts';
import { identify } from '../migrate.ts';
import { attachWaiting, MEMORY_LIMIT_DEFAULT, type WarehouseOptions } from '../open.ts';
import {
  type Publication,
  type PublishedMart,
  publicationOf,
  type Version,
  versionOf,
  whyWhole,
} from './publication.ts';
import { copySlice, copyState, createCopy, openSlices, useCopied } from './publish-rows.ts';
import {
  besideOf,
  cloneTo,
  copyTo,
  looksLikeDuckDb,
  putInPlace,
  removeBeside,
  removeLeftovers,
  type Target,
  targetOf,
  unusable,
} from './published-file.ts';
import type { PublishedContent } from './published-tables.ts';
import { changedSlices, SLICE_COMPLETIONS, stretchesOf } from './slices.ts';
import { keepAsSpare, removeSpare, SPARE_BYTES_MIN, takeSpare } from './spare-file.ts';

export interface PublishOptions
  extends Pick<WarehouseOptions, 'path' | 'memoryLimit' | 'waitSeconds' | 'prices' | 'onWaiting' | 'onStep'> {
  /** Where the copy goes: PUBLISH_TO. */
  readonly to: string;
  readonly publishedContent: PublishedContent;
  readonly marts: readonly PublishedMart[];
  /** Makes it as a whole, whatever is there. */
  readonly whole?: boolean;
  /** Completions that are copied at a time; fewer in tests. */
  readonly sliceCompletions?: number;
  /** Milliseconds after which the copy before the present one may be written to; null: it is not kept. */
  readonly spareRestMs: number | null;
  /** Bytes of a copy from which on the one before it is kept; fewer in tests. */
  readonly spareBytesMin?: number;
  /** Stops it; the old copy stays. */
  readonly signal?: AbortSignal;
  readonly nowMs?: () => number;
  readonly onProgress?: (done: { readonly completions: number; readonly completionsTotal: number }) => void;
}

export interface Published {
  /** The file itself, links followed. */
  readonly path: string;
  readonly bytes: number;
  /** Days whose marts were made anew. */
  readonly days: number;
  /** Completions that were copied. */
  readonly completions: number;
  /** Why it was made as a whole; null: only the days that had changed. */
  readonly wholeBecause: string | null;
}

/** One at a time in this process; no other process can have the warehouse meanwhile. */
const turns = new Mutex();

/**
 * Brings the published copy up to what the warehouse holds now.
 *
 * @throws {TerminalError} when there is no warehouse, or something at `to` that is no published copy; {@link TransientError}
 * when another process has the warehouse for too long; either when the copy cannot be written. The old copy stays then.
 */
export function publish(options: PublishOptions): Promise<Published> {
  return turns.run(() => publishNow(options));
}

async function publishNow(options: PublishOptions): Promise<Published> {
  const { path, signal } = options;
  signal?.throwIfAborted();
  const target = await targetOf(options.to, path);
  if ((await stat(path).catch(() => null)) === null) {
    throw new TerminalError(`there is no warehouse at ${path} to publish: run \`tokenhouse sync\` first.`);
  }
  const attachment = await attachWaiting({ ...options, content: 'full' });
  let isLost = false;
  try {
    const session = await connect(attachment.instance);
    const helper = await connect(attachment.instance);
    const stop = (): void => {
      void session.close();
      void helper.close();
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const { prices = [], nowMs = Date.now } = options;
      // No commit of a run meanwhile: all stretches of days are to show one moment.
      return await attachment.writes.run(() =>
        session.exclusive(async (statements) => {
          for (const part of prices) await applyPrices(statements, part, nowMs);
          return await new Publisher(statements, { attachment, session, helper }, target, options).publish();
        }),
      );
    } catch (error) {
      signal?.throwIfAborted();
      isLost = error instanceof BusyError;
      throw explained(error, target);
    } finally {
      signal?.removeEventListener('abort', stop);
      await session.close();
      await helper.close();
      if (!isLost) await tidy(attachment.instance, options.memoryLimit ?? MEMORY_LIMIT_DEFAULT);
    }
  } finally {
    await detach(attachment);
  }
}

/** Names the setting that mends it. */
function explained(error: unknown, target: Target): unknown {
  if (error instanceof TokenhouseError) {
    if (error.message.includes('PUBLISH_TO')) return error;
    const message = `the published copy ${target.path} (PUBLISH_TO) cannot be written: ${error.message}`;
    return error instanceof TransientError ? new TransientError(message) : new TerminalError(message);
  }
  if (error instanceof Error && 'code' in error) {
    return new TransientError(
      `the published copy ${target.path} cannot be written (${String(error.code)}): mend that, or set PUBLISH_TO to another file, or to none.`,
    );
  }
  return error;
}

/** Other users of the instance go on: nothing of the copy may stay in it. */
async function tidy(instance: DuckDBInstance, memoryLimit: string): Promise<void> {
  const session = await connect(instance);
  await session.exclusive(async (statements) => {
    await statements.run(
      'publish/tidy',
      undefined,
      'detach database if exists published; detach database if exists slice_days; detach database if exists slice_rows',
    );
    await giveBackMemory(statements, memoryLimit);
  });
  await session.close();
}

/** Read a column or two at a time, over many days; a stretch of days fills some. */
const ROW_GROUP_ROWS = 8_192;

/**
 * Stretches until copy and warehouse are closed and opened again: what DuckDB knows of each row group stays in memory, within no limit, as
 * long as a file is open (500 MB of 10 million rows). An eighth of all at least, as closing costs with the rows there are.
 */
const REOPEN_STRETCHES = 12;

/** Making the copy another way would not help. */
const isFinal = (error: unknown): boolean => error instanceof OutOfMemoryError || error instanceof BusyError;

/** A file on its way to be the copy. */
interface Filling {
  readonly beside: string;
  /** The copy that is attached; null: the attached file is empty. */
  readonly former: Publication | null;
  /** Its size. */
  readonly bytes: number;
  /** The file that is replaced is the next spare one. */
  readonly keepsSpare: boolean;
}

/** The warehouse, and the two connections that read it. */
interface Source {
  readonly attachment: Attachment;
  readonly session: Session;
  readonly helper: Session;
}

/** One replacement of the copy. */
class Publisher {
  readonly #statements: Statements;
  readonly #source: Source;
  readonly #target: Target;
  readonly #options: PublishOptions;
  /** The warehouse is another program's. */
  #isLost = false;

  /** @param statements of `source.session`. */
  constructor(statements: Statements, source: Source, target: Target, options: PublishOptions) {
    this.#statements = statements;
    this.#source = source;
    this.#target = target;
    this.#options = options;
  }

  async publish(): Promise<Published> {
    const { marts } = this.#options;
    await removeLeftovers(this.#target);
    // What the run before has left.
    await giveBackWhenHigh(this.#statements, this.#options.memoryLimit ?? MEMORY_LIMIT_DEFAULT);
    await openSlices(this.#statements, marts);
    const found = await this.#goOn();
    return typeof found === 'string' ? await this.#whole(found) : found;
  }

  /** From the copy that is there, or the one before it. @returns why that cannot be done otherwise. */
  async #goOn(): Promise<Published | string> {
    const { bytes } = this.#target;
    if (bytes === null) return 'there was none';
    const beside = besideOf(this.#target);
    if (await cloneTo(this.#target, beside)) {
      await removeSpare(this.#target);
      return await this.#goOnFrom(beside, bytes, false);
    }
    const { spareRestMs, spareBytesMin = SPARE_BYTES_MIN, nowMs = Date.now } = this.#options;
    const keepsSpare = spareRestMs !== null && bytes >= spareBytesMin;
    if (!keepsSpare) await removeSpare(this.#target);
    // Going on from the spare file must not replace what has come into the place of the copy since.
    const mayTake = keepsSpare && (await this.#isCopyThere());
    const spareBytes = mayTake ? await takeSpare(this.#target, beside, nowMs() - spareRestMs) : null;
    if (spareBytes !== null) {
      const published = await this.#goOnFromSpare(beside, spareBytes);
      if (published !== null) return published;
    }
    try {
      await copyTo(this.#target, beside);
    } catch (error) {
      // As on a full disk: half a copy must not keep it full.
      await removeBeside(beside);
      throw error;
    }
    return await this.#goOnFrom(beside, bytes, keepsSpare);
  }

  /** Whether the file to be replaced is a copy of ours; one that cannot be told is judged when it has been copied. */
  async #isCopyThere(): Promise<boolean> {
    const { path } = this.#target;
    const statements = this.#statements;
    try {
      await statements.run(
        'publish/attach',
        undefined,
        `attach '${path.replaceAll("'", "''")}' as published (type duckdb, read_only); use published`,
      );
      return (await identify(statements)).kind === 'copy';
    } catch (error) {
      if (this.#options.signal?.aborted) throw error;
      return false;
    } finally {
      await this.#detachCopy();
    }
  }

  /** @returns null when it is of no use. Nothing depends on it, and it is gone then. */
  async #goOnFromSpare(beside: string, bytes: number): Promise<Published | null> {
    try {
      const published = await this.#goOnFrom(beside, bytes, true);
      return typeof published === 'string' ? null : published;
    } catch (error) {
      if (this.#options.signal?.aborted || isFinal(error)) throw error;
      return null;
    }
  }

  /**
   * @param beside a file to be brought up to date and put in place; `bytes`: its size.
   * @param keepsSpare the file that is replaced is the next spare one.
   * @returns why that cannot be done otherwise.
   */
  async #goOnFrom(beside: string, bytes: number, keepsSpare: boolean): Promise<Published | string> {
    try {
      const former = await this.#attachFormer(beside);
      if (former === null) return 'it could not be read';
      const why = await this.#whyWhole(former, bytes);
      if (why !== null) return why;
      try {
        return await this.#fill({ beside, former, bytes, keepsSpare });
      } catch (error) {
        if (this.#options.signal?.aborted || isFinal(error)) throw error;
        return 'it could not be brought up to date';
      }
    } finally {
      await this.#detachCopy();
      await removeBeside(beside);
    }
  }

  async #whyWhole(former: Publication, bytes: number): Promise<string | null> {
    if (this.#options.whole === true) return 'asked for';
    const { publishedContent, marts } = this.#options;
    const version = await versionOf(this.#statements, publishedContent, marts);
    const { changeNumber: number, changeId: id } = former;
    const [change] = await this.#statements.rows('publish/has_change', { number, id });
    return whyWhole(former, version, Number(change?.['found']) > 0, bytes);
  }

  async #whole(because: string): Promise<Published> {
    const beside = besideOf(this.#target);
    try {
      // Of a copy that is made another way from here on.
      await removeSpare(this.#target);
      await this.#attach(beside);
      const filled = await this.#fill({ beside, former: null, bytes: 0, keepsSpare: false });
      return { ...filled, wholeBecause: because };
    } finally {
      await this.#detachCopy();
      await removeBeside(beside);
    }
  }

  async #attach(file: string): Promise<void> {
    await this.#statements.run(
      'publish/attach',
      undefined,
      `attach '${file.replaceAll("'", "''")}' as published (type duckdb, ${STORAGE}, row_group_size ${ROW_GROUP_ROWS})`,
    );
  }

  /** @throws {BusyError} when another program has the warehouse then; {@link TransientError} when it has written to it. */
  async #reopen(file: string, version: Version): Promise<void> {
    const statements = this.#statements;
    await statements.run('publish/reopen', undefined, 'checkpoint published; detach published');
    const { attachment, session, helper } = this.#source;
    this.#isLost = true;
    await reattach(attachment, [session, helper], statements);
    this.#isLost = false;
    const [change] = await statements.rows('publish/last_change');
    if (String(change?.['change_id'] ?? '') !== version.changeId) {
      throw new TransientError(
        'the warehouse was written by another program: run `tokenhouse publish` again',
      );
    }
    await this.#attach(file);
  }

  async #detachCopy(): Promise<void> {
    if (this.#options.signal?.aborted || this.#isLost) return;
    await this.#statements.run('publish/detach', undefined, 'use dest; detach database if exists published');
  }

  /**
   * What is there, attached as `published`.
   *
   * @returns null for a copy of ours that is damaged.
   * @throws {TerminalError} for a file that is no copy of ours: it must not be replaced.
   */
  async #attachFormer(beside: string): Promise<Publication | null> {
    const { path } = this.#target;
    try {
      await this.#attach(beside);
      await this.#statements.run('publish/use', undefined, 'use published');
      const file = await identify(this.#statements);
      if (file.kind !== 'copy') {
        if (file.kind === 'empty') return null;
        throw unusable(path, 'is a database, and no published copy: nothing was changed');
      }
      const [row] = await this.#statements.rows('publish/read_publication');
      return row === undefined ? null : publicationOf(row);
    } catch (error) {
      if (this.#options.signal?.aborted || (error instanceof Error && error.message.includes('PUBLISH_TO'))) {
        throw error;
      }
      // Damaged beyond telling whose it is; the name that only a copy has by default tells it.
      if (basename(path).endsWith('.published.duckdb') && (await looksLikeDuckDb(beside))) return null;
      throw unusable(
        path,
        'is no published copy that could be read: nothing was changed; remove it if it may go',
      );
    } finally {
      if (!this.#options.signal?.aborted) {
        await this.#statements.run('publish/use', undefined, 'use dest');
      }
    }
  }

  async #fill({ beside, former, bytes: formerBytes, keepsSpare }: Filling): Promise<Published> {
    const statements = this.#statements;
    const { publishedContent: content, marts, nowMs = Date.now } = this.#options;
    const { sliceCompletions = SLICE_COMPLETIONS } = this.#options;
    const memoryLimit = this.#options.memoryLimit ?? MEMORY_LIMIT_DEFAULT;
    const isNew = former === null;
    const after = former?.changeNumber ?? 0;
    const step = async (name: string): Promise<void> => this.#options.onStep?.(name);
    const version = await versionOf(statements, content, marts);
    if (former !== null && former.definition !== version.definition) {
      throw new TransientError('the warehouse has changed its shape');
    }
    if (isNew) await statements.transaction(() => createCopy(statements, version, content));
    await step('created');
    await useCopied(statements, marts);
    const slices = await changedSlices(statements, after, former?.publishedAt.slice(0, 10) ?? null);
    const completionsTotal = slices.reduce((sum, { changed }) => sum + (changed?.completions ?? 0), 0);
    let completions = 0;
    let reopenedAt = 0;
    const copying = { statements, helper: this.#source.helper, marts, content, memoryLimit, isNew };
    for (const slice of slices) {
      const stretches = await stretchesOf(statements, slice, sliceCompletions);
      await copySlice(copying, slice, stretches, async (copied) => {
        completions += copied;
        this.#options.onProgress?.({ completions, completionsTotal });
        await giveBackWhenHigh(statements, memoryLimit);
        if (completions - reopenedAt < Math.max(REOPEN_STRETCHES * sliceCompletions, completions / 8)) return;
        await this.#reopen(beside, version);
        reopenedAt = completions;
        await step('reopened');
      });
      await giveBackWhenHigh(statements, memoryLimit);
      await step('copied days');
    }
    await statements.transaction(async () => {
      await copyState(statements, { content, after, isNew });
      await step('copied state');
      await this.#record(version, former, formerBytes, nowMs());
    });
    const copied = { days: slices.reduce((sum, { days }) => sum + days, 0), completions };
    await step('committed');
    await statements.run('publish/detach', undefined, 'checkpoint published; use dest; detach published');
    await step('written');
    if (keepsSpare) await keepAsSpare(this.#target);
    await step('spare kept');
    const bytes = await putInPlace(beside, this.#target);
    await step('in place');
    return { path: this.#target.path, bytes, ...copied, wholeBecause: null };
  }

  async #record(
    version: Version,
    former: Publication | null,
    formerBytes: number,
    nowMs: number,
  ): Promise<void> {
    if (former !== null) {
      await this.#statements.run('publish/forget', undefined, 'delete from published.sync.publication');
    }
    await this.#statements.run('publish/write_publication', {
      now_ms: nowMs,
      warehouse: this.#source.attachment.path,
      content: this.#options.publishedContent,
      schema_number: version.schemaNumber,
      definition: version.definition,
      change_number: version.changeNumber,
      change_id: version.changeId,
      rebuilt_at_ms: former === null ? nowMs : Date.parse(former.rebuiltAt),
      rebuilt_bytes: former === null ? null : (former.rebuiltBytes ?? formerBytes),
      rebuilt_completions: former?.rebuiltCompletions ?? version.completions,
    });
  }
}
