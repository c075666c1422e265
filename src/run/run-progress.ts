/** How far the runs of this process are, in a file beside the warehouse: nobody else can open that meanwhile, and `status` wants to tell. */
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { modeForReaders } from '../permissions.ts';
import { isProcessGone, ownProcess, processIdentityShape } from '../process-identity.ts';
import type { SyncProgress } from '../sync/sync.ts';

const schema = z.object({
  source: z.string(),
  kind: z.string(),
  started_at_ms: z.number(),
  updated_at_ms: z.number(),
  rows: z.number(),
  pages: z.number(),
  /** At work side by side. */
  walkers: z.number(),
  /** Estimate; null: not known yet. */
  pages_left: z.number().nullable(),
  /** Unix seconds, everything from here up is dealt with. */
  reached_at: z.number(),
  process: processIdentityShape,
});

export type RunProgress = z.infer<typeof schema>;

const TOLD_EVERY_MS = 1_000;
/** Left by a process elsewhere that was killed, it is older: a page comes every few seconds, and the longest pause is half a minute. */
const OLD_MS = 120_000;

const fileOf = (warehouse: string): string => `${resolve(warehouse)}.progress`;

interface Told {
  /** The runs of this process, by their source. */
  readonly runs: Map<string, RunProgress>;
  /** One writing after the other, whichever run it is for. */
  writing: Promise<void>;
}

/** By file. */
const all = new Map<string, Told>();

export interface ProgressTeller {
  update(progress: SyncProgress): void;
  end(): Promise<void>;
}

/** @param warehouse path of its file. What cannot be written is not told: it is no part of the run. */
export function tellProgress(
  warehouse: string,
  run: { readonly source: string; readonly kind: string },
  nowMs: () => number,
): ProgressTeller {
  const file = fileOf(warehouse);
  const told = all.get(file) ?? { runs: new Map<string, RunProgress>(), writing: Promise.resolve() };
  all.set(file, told);
  const { runs } = told;
  const startedAtMs = nowMs();
  const identity = ownProcess();
  let toldMs = Number.NEGATIVE_INFINITY;
  const write = (): void => {
    const beside = `${file}.new-${process.pid}`;
    told.writing = told.writing.then(async () => {
      try {
        if (runs.size === 0) return await rm(file, { force: true });
        await writeFile(beside, JSON.stringify([...runs.values()]));
        // Counts, for whoever asks for the status.
        await chmod(beside, modeForReaders());
        await rename(beside, file);
      } catch {
        await rm(beside, { force: true }).catch(() => {});
      }
    });
  };
  return {
    update({ counts, reached, walkers, pagesLeft }) {
      const now = nowMs();
      if (now - toldMs < TOLD_EVERY_MS) return;
      toldMs = now;
      runs.set(run.source, {
        ...run,
        started_at_ms: startedAtMs,
        updated_at_ms: now,
        rows: counts.rowsRead,
        pages: counts.pages,
        walkers,
        pages_left: pagesLeft,
        reached_at: reached,
        process: identity,
      });
      write();
    },
    async end() {
      runs.delete(run.source);
      write();
      await told.writing;
    },
  };
}

/** Runs that another process has told of of late; none where nothing can be read. */
export async function readProgress(warehouse: string, nowMs: number): Promise<readonly RunProgress[]> {
  try {
    const runs = z.array(schema).parse(JSON.parse(await readFile(fileOf(warehouse), 'utf8')));
    return runs.filter(({ updated_at_ms: at, process }) => nowMs - at < OLD_MS && !isProcessGone(process));
  } catch {
    return [];
  }
}

/** An estimate from less than this is a guess. */
const ESTIMATE_AFTER_MS = 2_000;

/** By how long the pages so far have taken; null: not known yet. */
export function secondsLeftOf(pages: number, pagesLeft: number | null, elapsedMs: number): number | null {
  if (pagesLeft === null || pages === 0 || elapsedMs < ESTIMATE_AFTER_MS) return null;
  return Math.round(((elapsedMs / pages) * pagesLeft) / 1_000);
}
