/** A job of the queue as the stretch to read, and what is left of it when it makes way. Pure. */
import type { RunRequest } from '../src/run/run-source.ts';
import { type UnixSeconds, unixSeconds } from '../src/sync/ports.ts';
import type { SyncProgress } from '../src/sync/sync.ts';
import type { RunJob, RunPayload } from './payloads.ts';

const DAY_SECONDS = 86_400;

/** @returns null: all of it is read already. */
export function requestOf({ name, data }: RunJob, now: UnixSeconds): RunRequest | null {
  if (name === 'nightly-sync') {
    const stretch = { since: null, until: null, isExplicit: false };
    return { kind: 'sync', ...stretch, reread: false, withMessages: false };
  }
  const resumed = data.resumeBelow === undefined ? null : unixSeconds(data.resumeBelow - 1);
  if ('days' in data) {
    const since = unixSeconds(Math.max(0, now - data.days * DAY_SECONDS));
    const stretch = { since, until: resumed, isExplicit: true };
    return isRead(stretch) ? null : { kind: 'sweep', ...stretch, reread: true, withMessages: false };
  }
  if (!('since' in data)) return null;
  const until = resumed ?? (data.until === null ? null : unixSeconds(data.until));
  const stretch = { since: unixSeconds(data.since), until, isExplicit: true };
  if (isRead(stretch)) return null;
  return { kind: 'backfill', ...stretch, reread: data.reread, withMessages: data.withMessages };
}

const isRead = ({ since, until }: { since: UnixSeconds; until: UnixSeconds | null }): boolean =>
  until !== null && until < since;

/**
 * The job's data for when it goes on. Coverage tells a run by itself what is left, but not one that reads covered seconds again.
 *
 * @param progress the last one that the run told, of which all is committed; null: it did not get that far.
 */
export function resumed(data: RunPayload, request: RunRequest, progress: SyncProgress | null): RunPayload {
  const { isCancelled: _, ...rest } = data;
  return request.reread && progress !== null ? { ...rest, resumeBelow: progress.reached } : rest;
}
