/**
 * Sees to it that somebody is told when no run lands any more. By the clock of this process and not by a job, and straight to the
 * webhook: the queue and its schedules may be the cause.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { RunRhythm } from '../health/overdue.ts';
import type { Log } from '../log.ts';
import type { HealthKeeper } from '../observe/health.ts';
import { readProgress } from '../run/run-progress.ts';
import type { Alert } from './alerts.ts';
import { overdueOf, type Watched, watchedShape } from './overdue.ts';

export interface OverdueWatchOptions {
  /** Path of the warehouse: what was told is noted in a file beside it, so that a restart does not tell it again. */
  readonly warehouse: string;
  readonly sources: readonly string[];
  /** null: it is never synced by itself, and not waited for. */
  readonly rhythmOf: (source: string) => RunRhythm | null;
  readonly health: Pick<HealthKeeper, 'snapshot' | 'refresh'>;
  /** What is known to be wrong here, such as that the queue is away; null: nothing. Does not reject. */
  readonly trouble: () => Promise<string | null>;
  /** @returns whether it was taken; else it is told at the next look. */
  readonly post: (alert: Alert, signal: AbortSignal) => Promise<boolean>;
  readonly nowMs: () => number;
  readonly log: Log;
  /** Between two looks; five minutes unless given. */
  readonly intervalMs?: number;
}

export interface OverdueWatch {
  /** Never rejects. */
  look(): Promise<void>;
  close(): Promise<void>;
}

const INTERVAL_MS = 300_000;

const fileShape = z.record(z.string(), watchedShape);

/** Looks at once, and then every few minutes. */
export function watchOverdue(options: OverdueWatchOptions): OverdueWatch {
  const { log } = options;
  const file = `${resolve(options.warehouse)}.overdue`;
  const closing = new AbortController();
  let noted: Readonly<Record<string, Watched>> | null = null;
  let looking: Promise<void> | null = null;

  async function lookOnce(): Promise<void> {
    await options.health.refresh();
    noted ??= await read(file);
    const readings = options.health.snapshot?.readings ?? [];
    const nowMs = options.nowMs();
    const running = await readProgress(options.warehouse, nowMs);
    const trouble = await options.trouble();
    const next: Record<string, Watched> = {};
    for (const source of options.sources) {
      const rhythm = options.rhythmOf(source);
      if (rhythm === null) continue;
      const landedAt = readings.find(({ held }) => held.source === source)?.lastLandedAt ?? null;
      const before = noted[source] ?? null;
      const { watched, alert } = overdueOf({
        source,
        rhythm,
        landedMs: landedAt === null ? null : Date.parse(landedAt),
        before,
        trouble,
        isRunning: running.some((run) => run.source === source),
        nowMs,
      });
      const isTold = alert === null || (await options.post(alert, closing.signal));
      next[source] = isTold ? watched : { ...watched, told_ms: before?.told_ms ?? null };
    }
    if (JSON.stringify(next) === JSON.stringify(noted)) return;
    noted = next;
    await write(file, next);
  }

  const look = (): Promise<void> => {
    looking ??= lookOnce()
      .catch((error: unknown) => {
        if (!closing.signal.aborted) log.warn({ err: error }, 'whether runs are overdue could not be seen');
      })
      .finally(() => {
        looking = null;
      });
    return looking;
  };
  void look();
  const timer = setInterval(() => void look(), options.intervalMs ?? INTERVAL_MS);
  timer.unref();
  return {
    look,
    async close() {
      clearInterval(timer);
      closing.abort();
      await looking;
    },
  };
}

async function read(file: string): Promise<Readonly<Record<string, Watched>>> {
  try {
    return fileShape.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    // Most often there is none yet.
    return {};
  }
}

/** What cannot be written is told once more after a restart, and no more than that. */
async function write(file: string, watched: Readonly<Record<string, Watched>>): Promise<void> {
  const beside = `${file}.${process.pid}.part`;
  try {
    await writeFile(beside, `${JSON.stringify(watched)}\n`);
    await rename(beside, file);
  } catch {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}
