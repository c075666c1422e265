/** What a run tells while it goes, for metrics and whoever else looks on: counts and states, no id of a completion, no text, no URL. */
import type { ReplyEvent } from '../source/client.ts';
import type { RetryEvent } from '../source/retry.ts';
import type { AroundPiece } from '../sync/crew.ts';
import type { CompletionSource, LoadCounts, RunKind, RunStatus, Warehouse } from '../sync/ports.ts';

export interface RunSubject {
  /** Name of the source. */
  readonly source: string;
  readonly kind: RunKind;
}

export interface PageEvent extends RunSubject {
  readonly rows: number;
  /** Rows asked for. */
  readonly pageSize: number;
  /** Retries and the waits before them included. */
  readonly elapsedMs: number;
}

export interface CommitEvent extends RunSubject {
  /** Items of the batch; one that is shown again unchanged is in it once. */
  readonly rows: number;
  readonly loaded: LoadCounts;
  readonly elapsedMs: number;
}

export interface EndEvent extends RunSubject {
  readonly status: RunStatus;
  readonly elapsedMs: number;
  /** What `runSource` throws; null: it returns. */
  readonly error: unknown;
}

/**
 * Called in the middle of the run, so: quick, and never throwing. Each event is told once.
 *
 * `onEnd` comes after the last commit and, unless the run failed, while it still has the warehouse open: who reads that now
 * shares it, and keeps no next run waiting.
 */
export interface RunObserver {
  onStart?(run: RunSubject): void;
  onRequest?(event: RunSubject & ReplyEvent): void;
  onRetry?(event: RunSubject & RetryEvent): void;
  onPage?(event: PageEvent): void;
  /** A walker has taken up a piece of what is to be read, and is through with it. */
  onPieceStart?(run: RunSubject): void;
  onPieceEnd?(run: RunSubject): void;
  onCommit?(event: CommitEvent): void;
  onEnd?(event: EndEvent): void;
}

/** One observer that tells all of these. */
export function observers(...all: readonly RunObserver[]): RunObserver {
  return {
    onStart(run) {
      for (const one of all) one.onStart?.(run);
    },
    onRequest(event) {
      for (const one of all) one.onRequest?.(event);
    },
    onRetry(event) {
      for (const one of all) one.onRetry?.(event);
    },
    onPage(event) {
      for (const one of all) one.onPage?.(event);
    },
    onPieceStart(run) {
      for (const one of all) one.onPieceStart?.(run);
    },
    onPieceEnd(run) {
      for (const one of all) one.onPieceEnd?.(run);
    },
    onCommit(event) {
      for (const one of all) one.onCommit?.(event);
    },
    onEnd(event) {
      for (const one of all) one.onEnd?.(event);
    },
  };
}

/** The source, telling of its pages. */
export function observedSource(
  source: CompletionSource,
  subject: RunSubject,
  observer: RunObserver,
): CompletionSource {
  return {
    ...source,
    async fetchPage(request, signal, onTail) {
      const startedMs = performance.now();
      const page = await source.fetchPage(request, signal, onTail);
      const { pageSize } = request;
      const elapsedMs = performance.now() - startedMs;
      observer.onPage?.({ ...subject, rows: page.items.length, pageSize, elapsedMs });
      return page;
    },
  };
}

/** Tells of each piece. */
export const observedPieces =
  (subject: RunSubject, observer: RunObserver): AroundPiece =>
  async (_, fill) => {
    observer.onPieceStart?.(subject);
    try {
      await fill();
    } finally {
      observer.onPieceEnd?.(subject);
    }
  };

/** The warehouse, telling of its commits. */
export function observedWarehouse(
  warehouse: Warehouse,
  subject: RunSubject,
  observer: RunObserver,
): Warehouse {
  return withLoad(warehouse, async (batch) => {
    const startedMs = performance.now();
    const loaded = await warehouse.load(batch);
    const elapsedMs = performance.now() - startedMs;
    observer.onCommit?.({ ...subject, rows: batch.items.length, loaded, elapsedMs });
    return loaded;
  });
}

/** The same warehouse with another `load`. By name, as the methods of a class are not its own properties. */
export function withLoad(warehouse: Warehouse, load: Warehouse['load']): Warehouse {
  return {
    startRun: (run) => warehouse.startRun(run),
    readCoverage: (source, scope) => warehouse.readCoverage(source, scope),
    readGaps: (source, scope) => warehouse.readGaps(source, scope),
    readCheckpoint: (source) => warehouse.readCheckpoint(source),
    knownRowAbove: (source, second, rank) => warehouse.knownRowAbove(source, second, rank),
    knownRowsWithin: (source, range, count) => warehouse.knownRowsWithin(source, range, count),
    knownSplitValues: (source, limit) => warehouse.knownSplitValues(source, limit),
    knownRowBelow: (source, second) => warehouse.knownRowBelow(source, second),
    knownIdsIn: (source, second) => warehouse.knownIdsIn(source, second),
    load,
  };
}
