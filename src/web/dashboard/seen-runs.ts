/** Whether a run that never ended is at work: a process that is tells of its progress beside the warehouse. Pure. */
import type { SourceStatus } from '../../health/source-status.ts';

/** It tells of its first page by then. */
const UNTOLD_MS_MAX = 120_000;

export interface SeenNow {
  /** Sources whose run a living process tells of. */
  readonly atWork: ReadonlySet<string>;
  /** What is shown lacks a later run, which may have ended this one. */
  readonly isStale: boolean;
  readonly nowMs: number;
}

export const isAnyRunning = (statuses: readonly SourceStatus[]): boolean =>
  statuses.some(({ runs }) => runs.some(({ status }) => status === 'running'));

/** As `status` and `runs` tell of it: a killed run is interrupted at once, and not by the next one. */
export function seenNow(
  statuses: readonly SourceStatus[],
  { atWork, isStale, nowMs }: SeenNow,
): readonly SourceStatus[] {
  if (isStale) return statuses;
  return statuses.map((status) => ({
    ...status,
    runs: status.runs.map((run) => ({
      ...run,
      isProcessGone:
        run.status === 'running' &&
        !atWork.has(status.source) &&
        nowMs - Date.parse(run.startedAt) > UNTOLD_MS_MAX,
    })),
  }));
}
