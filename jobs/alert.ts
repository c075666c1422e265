/** Alerts go through the queue: tried again while the webhook is away, seen when it stays away, and each told once. */
import { type Processor, UnrecoverableError } from 'bullmq';
import { TerminalError } from '../src/errors.ts';
import type { Log } from '../src/log.ts';
import type { AlertPayload, AlertQueue } from './queues.ts';

const DAY_MS = 86_400_000;

/** @param alert whose `key` is the same for the same news: it is told once a day at the most. */
export async function addAlert(alerts: AlertQueue, alert: AlertPayload): Promise<void> {
  await alerts.add('alert', alert, {
    deduplication: { id: alert.key, ttl: DAY_MS },
    attempts: 10,
    backoff: { type: 'exponential', delay: 10_000, jitter: 0.5 },
    stackTraceLimit: 0,
    removeOnComplete: { count: 200 },
    removeOnFail: { count: 200 },
  });
}

/** @param post sends it; its errors hold neither the webhook's URL nor a reply. */
export function alertProcessor(
  post: (alert: AlertPayload) => Promise<void>,
  log: Log,
): Processor<AlertPayload, string, 'alert'> {
  return async ({ data }) => {
    try {
      await post(data);
      return 'posted';
    } catch (error) {
      log.warn({ err: error, alert: data.key }, 'the alert could not be posted (ALERT_WEBHOOK)');
      throw error instanceof TerminalError ? new UnrecoverableError(error.message) : error;
    }
  };
}
