/** A job whose copy cannot be made: the run has landed and is not made again for it, and everybody who looks sees it. */
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { numberOf } from '../observe/prometheus.ts';
import { livingHouse, said, tokenhouse } from './processes.ts';

const LONG = { timeout: 60_000, interval: 300 };

it('it completes at its first attempt, and its result, log, list, probe, metrics and exit code say that it is not published', {
  timeout: 120_000,
}, async () => {
  const house = await livingHouse({ rows: 60 });
  const env = {
    SCHEDULE: 'off',
    SWEEP_SCHEDULE: 'off',
    PUBLISH_TO: join(dirname(house.path), 'gone', 'copy.duckdb'),
  };
  const ask = async (...args: string[]) => (await tokenhouse(house, args, env).ended).stdout;
  const worker = tokenhouse(house, ['worker', '--http', '--port', '0'], env);
  const line = (await said(worker, /seen over HTTP/)).split('\n').find((one) => one.includes('seen over'));
  const { url } = JSON.parse(String(line));
  expect(await (await fetch(`${url}/readyz`)).json()).toMatchObject({ checks: { published: 'ok' } });
  await ask('schedule', 'run-now', 'nightly-sync');
  const completed = async () => JSON.parse(await ask('--json', 'jobs', 'list', '--state', 'completed'));
  await expect.poll(async () => (await completed()).length, LONG).toBe(1);
  const [job] = await completed();
  expect(job).toMatchObject({
    attempts_made: 1,
    result: {
      status: 'landed',
      exit_code: EXIT.landed,
      publish: 'failed',
      publish_error: expect.stringContaining('PUBLISH_TO'),
    },
  });
  expect(await ask('jobs', 'show', String(job.job_id))).toMatch(/ not published: .*PUBLISH_TO/);
  expect(await ask('jobs', 'list')).toContain('landed, 60 new, not published');

  const ready = await fetch(`${url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({
    ready: true,
    checks: { published: expect.stringMatching(/lacks the last run: .*`tokenhouse publish`/) },
  });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(numberOf(metrics, 'tokenhouse_published_is_stale')).toBe(1);
  expect(numberOf(metrics, 'tokenhouse_publishes_total', { outcome: 'failed' })).toBe(1);
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(EXIT.landed);

  await ask('schedule', 'run-now', 'nightly-sync');
  expect((await tokenhouse(house, ['worker', '--once'], env).ended).code).toBe(EXIT.unpublished);
});
