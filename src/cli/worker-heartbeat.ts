/** The heartbeats of a worker: one a sync, and none that speaks for a source that is not well. */
import { isWellBeside, sendHeartbeat } from '../alerts/heartbeat.ts';
import type { Config } from '../config.ts';
import { overdueAtMs, type RunRhythm } from '../health/overdue.ts';
import { statusesOf } from '../health/source-status.ts';
import type { Log } from '../log.ts';
import type { HealthKeeper } from '../observe/health.ts';
import { unixSeconds } from '../sync/ports.ts';

export interface WorkerHeartbeat {
  /** A sync of this source has landed. */
  landed(source: string): Promise<void>;
  /** A sync has failed, and is not tried again before its next time. */
  failed(source: string): void;
  /** Resolves when those that are on their way have come to something. */
  settled(): Promise<void>;
}

export interface HeartbeatOptions {
  readonly config: Config;
  readonly health: Pick<HealthKeeper, 'snapshot' | 'refresh'>;
  readonly nowMs: () => number;
  readonly log: Log;
  /** null: it is never synced by itself. */
  readonly rhythmOf: (source: string) => RunRhythm | null;
}

export function createHeartbeat({ config, health, nowMs, log, rhythmOf }: HeartbeatOptions): WorkerHeartbeat {
  const url = config.alerts.heartbeatUrl;
  let sending: Promise<void> = Promise.resolve();
  // A run that fails before it has begun, as with a refused key, is not in the warehouse.
  const failing = new Set<string>();
  if (url === null) return { landed: async () => {}, failed() {}, settled: () => sending };

  const isWell = async (landed: string): Promise<boolean> => {
    const others = config.sources.filter(({ name }) => name !== landed && rhythmOf(name) !== null);
    if (others.length === 0) return true;
    if (others.some(({ name }) => failing.has(name))) return false;
    await health.refresh();
    const now = nowMs();
    const statuses = statusesOf(health.snapshot?.readings ?? [], {
      configured: others,
      settleSeconds: 0,
      now: unixSeconds(Math.floor(now / 1000)),
    });
    return isWellBeside(
      statuses.filter(({ isConfigured }) => isConfigured),
      (source, landedAtMs) => {
        const rhythm = rhythmOf(source);
        return rhythm !== null && now > overdueAtMs(landedAtMs, rhythm);
      },
    );
  };
  return {
    async landed(source) {
      failing.delete(source);
      if (await isWell(source)) await sendHeartbeat(url, 'landed', log);
      else log.info({ source }, 'no heartbeat is sent, as another source has failed or is overdue');
    },
    failed(source) {
      failing.add(source);
      sending = Promise.all([sending, sendHeartbeat(url, 'failed', log)]).then(() => {});
    },
    settled: () => sending,
  };
}
