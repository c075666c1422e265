import { describe, expect, test } from 'vitest';
import type { Alert } from '../../src/alerts/alerts.ts';
import { postAlert, postAlerts } from '../../src/alerts/post.ts';
import { TerminalError, TransientError } from '../../src/errors.ts';
import { createLog } from '../../src/log.ts';
import { rejection } from '../source/support.ts';
import { TextSink } from '../support/streams.ts';
import { webhookOf } from '../support/webhook.ts';

const alert: Alert = {
  text: 'Tokenhouse: the sync of prod failed: no',
  kind: 'run_failed',
  key: 'run_failed/prod/sync/2025-01-01',
  severity: 'critical',
  source: 'prod',
  at: '2025-01-01T00:00:00Z',
  fields: { reason: 'no' },
};
const hurried = () => ({ signal: new AbortController().signal, delayScale: 0.001 });

test('an alert that is taken is posted once, as JSON with a text', async () => {
  const { url, posts } = await webhookOf();
  await postAlert(url, alert, hurried());
  expect(posts).toHaveLength(1);
  expect(posts[0]).toMatchObject({
    alert,
    headers: { 'content-type': 'application/json', 'idempotency-key': alert.key },
  });
});

describe('what fails', () => {
  test.each([
    [503, 4],
    [429, 4],
    [500, 4],
    [400, 1],
    [404, 1],
    [302, 1],
  ])('with %s is posted %s times', async (status, times) => {
    const { url, posts } = await webhookOf(() => status);
    const error = await rejection(postAlert(url, alert, hurried()));
    expect(posts).toHaveLength(times);
    expect(error).toBeInstanceOf(times > 1 ? TransientError : TerminalError);
    expect(error.message).toContain(`ALERT_WEBHOOK answered with status ${status}`);
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(
      /canary|127\.0\.0\.1/,
    );
  });

  test('with a lost connection, then 503, then not, gets there', async () => {
    const { url, posts } = await webhookOf((nth) =>
      nth === 1 ? (response) => response.destroy() : nth === 2 ? 503 : 204,
    );
    await postAlert(url, alert, hurried());
    expect(posts).toHaveLength(3);
  });

  test('with nobody there says so, without the URL', async () => {
    // In the range that systems hand out to clients, and nobody listens there.
    const error = await rejection(postAlert('http://127.0.0.1:59999/canary', alert, hurried()));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toBe('ALERT_WEBHOOK cannot be reached (ECONNREFUSED)');
    expect(`${error.stack} ${String(error.cause)}`).not.toMatch(/canary|127\.0\.0\.1/);
  });

  test('never takes longer than it may, and is a warning without the URL', async () => {
    const { url, posts } = await webhookOf(() => () => {});
    const logged = new TextSink();
    const log = createLog({ level: 'trace', format: 'json', color: false }, logged, false);
    const startedMs = performance.now();
    await postAlerts(url, [alert, { ...alert, key: 'another' }], log, 0.5);
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect(posts).toHaveLength(1);
    const lines = logged.text.trim().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(String(lines[0]))).toMatchObject({ level: 'warn', reason: 'not posted in 0.5 s' });
    expect(logged.text).not.toMatch(/canary|127\.0\.0\.1/);
  });
});
