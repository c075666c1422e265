import { setTimeout as delay } from 'node:timers/promises';

/** Waits `ms` milliseconds; an abort ends it at once and rejects with the signal's own reason, not with an AbortError. */
export async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
