/** A sign of life to a dead man's switch, such as healthchecks.io: it tells a person when none comes, whatever the cause. */
import { TokenhouseError } from '../errors.ts';
import type { SourceStatus } from '../health/source-status.ts';
import type { Log } from '../log.ts';
import { send } from './send.ts';

export type Beat = 'landed' | 'failed';

/** A run has ended, and a cron job or a worker that leaves waits for this. */
const SECONDS_MAX = 12;
const REQUEST_SECONDS_MAX = 5;
const RETRIES_MAX = 2;

/**
 * Asks for the URL, with `/fail` behind its path after a failure. Whatever comes of it is no more than a line in the log.
 *
 * @see healthchecks.io, "Pinging API": GET is success, `/fail` is a failure; others that know no `/fail` answer 404.
 */
export async function sendHeartbeat(url: string, beat: Beat, log: Log): Promise<void> {
  const signal = AbortSignal.timeout(SECONDS_MAX * 1000);
  try {
    await send(
      { setting: 'HEARTBEAT_URL', url: urlOf(url, beat), method: 'GET' },
      { signal, retriesMax: RETRIES_MAX, secondsMax: REQUEST_SECONDS_MAX },
    );
    log.debug({ beat }, 'heartbeat sent');
  } catch (error) {
    const isOurs = error instanceof TokenhouseError;
    const reason = isOurs ? error.message : signal.aborted ? `not sent in ${SECONDS_MAX} s` : 'unexpected';
    log.warn({ beat, reason }, 'heartbeat could not be sent');
  }
}

function urlOf(text: string, beat: Beat): string {
  if (beat === 'landed') return text;
  const url = new URL(text);
  // The query stays where it is: a token may be in it.
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/fail`;
  return url.href;
}

/**
 * Of several sources in one command: failed when one has, and nothing where the command was interrupted, as it goes on later. Pure.
 *
 * @param statuses of the runs; `failed`: it has ended with an error.
 */
export function beatOf(statuses: readonly ('landed' | 'interrupted' | 'failed')[]): Beat | null {
  if (statuses.length === 0) return null;
  if (statuses.includes('failed')) return 'failed';
  return statuses.every((status) => status === 'landed') ? 'landed' : null;
}

/**
 * Whether a run that landed in a worker is a sign of life for all its sources: none is while the newest sync of another one failed, or
 * that one's next run is overdue. Else the source that lands would speak for the one that does not. Pure.
 *
 * @param others of the other sources that are synced by a schedule.
 * @param isOverdue by its last landed run.
 */
export const isWellBeside = (
  others: readonly Pick<SourceStatus, 'source' | 'runs' | 'lastLandedAt'>[],
  isOverdue: (source: string, landedAtMs: number) => boolean,
): boolean =>
  others.every(
    ({ source, runs, lastLandedAt }) =>
      runs.find(({ kind }) => kind === 'sync')?.status !== 'failed' &&
      // One that never landed has just been added, or its failure is told of by itself.
      (lastLandedAt === null || !isOverdue(source, Date.parse(lastLandedAt))),
  );
