/** The state of the sync, kept at hand for whoever asks while the warehouse itself may be held by a run. */
import { existsSync } from 'node:fs';
import type { WarehouseSettings } from '../config.ts';
import { TokenhouseError, WarehouseHeldError } from '../errors.ts';
import { readSources, type SourceReading } from '../health/source-status.ts';
import type { RunObserver } from '../run/observer.ts';
import { openWarehouse } from '../warehouse/open.ts';

/** What the warehouse said when it was last read. */
export interface HealthSnapshot {
  /** Milliseconds since 1970. */
  readonly readAtMs: number;
  readonly readings: readonly SourceReading[];
}

/**
 * How the last look went.
 *
 * - `none`: not looked yet; `missing`: there is no file, the first run makes it;
 * - `held`: another process has it, so the snapshot is an older one; `failed`: as the reason says.
 */
export type LookState =
  | { readonly kind: 'none' | 'read' | 'missing' | 'held' }
  | { readonly kind: 'failed'; readonly reason: string };

export interface HealthKeeper extends AsyncDisposable {
  /** The last that was read, however old; null: nothing yet. */
  readonly snapshot: HealthSnapshot | null;
  readonly state: LookState;
  /** Reads now, or once more when a read is going on. Never rejects: see `state`. */
  refresh(): Promise<void>;
  /** Reads when a run has ended. */
  readonly observer: RunObserver;
  /** null: the warehouse can be opened, or a run holds it; else what is wrong, for `/readyz`. */
  check(): string | null;
  /** Reads no more, and waits for a read that goes on. */
  close(): Promise<void>;
}

export interface HealthOptions {
  readonly warehouse: WarehouseSettings;
  readonly nowMs: () => number;
  /** Seconds between two reads when no run ends; 60 unless given. */
  readonly intervalSeconds?: number;
  /** Newest runs kept of each source; 10 unless given. */
  readonly runs?: number;
}

/** A read takes some 50 ms. Should one take long, a run that wants to write must not wait for it. */
const READ_SECONDS_MAX = 5;

/** Reads at once, after each run and every minute, and has the file open no longer than that takes. */
export function keepHealth(options: HealthOptions): HealthKeeper {
  let snapshot: HealthSnapshot | null = null;
  let state: LookState = { kind: 'none' };
  let reading: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let isClosed = false;

  async function look(): Promise<void> {
    if (!existsSync(options.warehouse.path)) {
      state = { kind: 'missing' };
      return;
    }
    try {
      const readings = await read(options.warehouse, options.runs ?? 10);
      snapshot = { readAtMs: options.nowMs(), readings };
      state = { kind: 'read' };
    } catch (error) {
      state =
        error instanceof WarehouseHeldError ? { kind: 'held' } : { kind: 'failed', reason: told(error) };
    }
  }

  function refresh(): Promise<void> {
    if (isClosed) return Promise.resolve();
    if (reading === null) {
      reading = look().finally(() => {
        reading = null;
      });
      return reading;
    }
    // What it is reading may be older than what this caller wants to see.
    next ??= reading.then(() => {
      next = null;
      return refresh();
    });
    return next;
  }

  void refresh();
  const timer = setInterval(() => void refresh(), (options.intervalSeconds ?? 60) * 1000);
  timer.unref();

  async function close(): Promise<void> {
    isClosed = true;
    clearInterval(timer);
    await reading;
  }

  return {
    get snapshot() {
      return snapshot;
    },
    get state() {
      return state;
    },
    refresh,
    observer: { onEnd: () => void refresh() },
    check() {
      if (state.kind === 'none') return 'it was not looked at yet';
      return state.kind === 'failed' ? state.reason : null;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function read(settings: WarehouseSettings, runs: number): Promise<readonly SourceReading[]> {
  await using warehouse = await openWarehouse({
    ...settings,
    readOnly: true,
    sharesWriter: true,
    waitSeconds: 0,
  });
  // Closing interrupts what runs.
  const timer = setTimeout(() => void warehouse.close(), READ_SECONDS_MAX * 1000);
  try {
    return await readSources(warehouse, runs);
  } finally {
    clearTimeout(timer);
  }
}

const told = (error: unknown): string =>
  error instanceof TokenhouseError ? error.message : 'it cannot be read, for a reason unknown';
