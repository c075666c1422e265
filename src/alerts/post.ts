/** Alerts to the webhook. */
import { TokenhouseError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Alert } from './alerts.ts';
import { type SendOptions, send } from './send.ts';

/** @throws as `send`. */
export async function postAlert(webhook: string, alert: Alert, options: SendOptions): Promise<void> {
  await send(
    {
      setting: 'ALERT_WEBHOOK',
      url: webhook,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        // For a receiver that drops what it has had, as a post whose answer was lost is sent again.
        'idempotency-key': alert.key,
      },
      body: JSON.stringify(alert),
    },
    options,
  );
}

/**
 * Posts all, one after the other, within the time. What fails is a warning: it changes nothing of what the run came to.
 *
 * @param secondsMax for all together.
 * @param stop ends it before.
 * @returns whether all were taken.
 */
export async function postAlerts(
  webhook: string,
  alerts: readonly Alert[],
  log: Log,
  secondsMax: number,
  stop?: AbortSignal,
): Promise<boolean> {
  const timeout = AbortSignal.timeout(secondsMax * 1000);
  const signal = stop === undefined ? timeout : AbortSignal.any([timeout, stop]);
  let areTaken = true;
  for (const alert of alerts) {
    const { key, kind, source } = alert;
    try {
      await postAlert(webhook, alert, { signal });
      log.info({ key, kind, source }, 'alert posted');
    } catch (error) {
      areTaken = false;
      const isOurs = error instanceof TokenhouseError;
      const late = stop?.aborted === true ? 'the process ends' : `not posted in ${secondsMax} s`;
      const reason = isOurs ? error.message : signal.aborted ? late : 'unexpected';
      log.warn({ key, kind, source, reason }, 'alert could not be posted');
    }
  }
  return areTaken;
}
