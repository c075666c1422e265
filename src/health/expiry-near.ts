/** Whether the API is about to forget what is not covered. Pure. */
import type { UnixSeconds } from '../sync/ports.ts';
import type { SourceStatus } from './source-status.ts';

export interface ExpiryNear {
  /** Rounded down to a tenth; 0: it is expiring now. */
  readonly days: number;
  readonly oldestUnreadAt: UnixSeconds;
}

const DAY_SECONDS = 86_400;

/** @returns null: nothing expires within so many days, or it is not known. */
export function expiryNear(
  { health, held }: Pick<SourceStatus, 'health' | 'held'>,
  expiryDays: number,
): ExpiryNear | null {
  if (health === null || health.secondsToExpiry === null || health.oldestUnreadAt === null) return null;
  if (health.secondsToExpiry > expiryDays * DAY_SECONDS) return null;
  // A project that lists nothing covers nothing either, and has nothing to lose.
  if (health.covered === null && (held?.rows ?? 0) === 0) return null;
  return {
    days: Math.floor(health.secondsToExpiry / 8_640) / 10,
    oldestUnreadAt: health.oldestUnreadAt,
  };
}
