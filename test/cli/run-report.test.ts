import { expect, test } from 'vitest';
import { houseOf } from '../support/house.ts';

test('a list without a row is remarked on when its end was seen, not when the run was stopped', async () => {
  const house = await houseOf({ rows: 0 });
  const landed = await house.tokenhouse(['sync']);
  expect(landed).toMatchObject({ code: 0, stdout: expect.stringContaining('lists no completion at all') });

  const controller = new AbortController();
  const other = await houseOf({ rows: 0, faults: { latencyMs: 5_000 } });
  const running = other.tokenhouse(['sync'], { signal: controller.signal });
  await expect.poll(() => other.emulator.requestCount).toBe(1);
  controller.abort();
  const stopped = await running;
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).not.toContain('lists no completion');
});

test('rejected items: the way to have them read again', async () => {
  // Azure leaves `object` out, which only ENDPOINT=azure allows.
  const house = await houseOf({ rows: 3, preset: 'azure' });
  const { code, stdout } = await house.tokenhouse(['sync']);
  expect(code).toBe(3);
  expect(stdout).toContain('--reread');

  const settings = { env: { ENDPOINT: 'azure' } };
  const { report } = await house.reread(settings);
  expect(report.rows_inserted).toBe(3);
  expect((await house.tokenhouse(['gaps', '--check'], settings)).code).toBe(0);
});

test('an error that names its source is not prefixed with it once more', async () => {
  const house = await houseOf({ rows: 1 });
  const env = { RETRIES_MAX: '0', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' };
  const { stderr } = await house.tokenhouse(['sync'], { env });
  expect(stderr).toMatch(/^tokenhouse: source openai: the connection failed/);
});
