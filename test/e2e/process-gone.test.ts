/** A run whose process was killed: told as such at once, and taken up without a wait. */
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { compare, complete, houseOf } from '../support/house.ts';

test('`status` and `runs` say that its process is gone, and the next sync lands at once without waiting for anything', async () => {
  let onRequest = (_n: number): void => {};
  const house = await houseOf({ rows: 240, onRequest: (n) => onRequest(n) });
  const env = { PAGE_SIZE: '20', BATCH_ROWS: '20', WAIT_SECONDS: '0' };
  const killed = house.start(['sync', '--since', '2025-06-01'], { env });
  onRequest = (n) => {
    if (n === 9) killed.child.kill('SIGKILL');
  };
  expect((await killed.ended).signal).toBe('SIGKILL');

  const ask = async (...args: string[]) => (await house.tokenhouse(args, { env })).stdout;
  expect(await ask('status')).toMatch(/ sync interrupted, process gone · /);
  expect(await ask('runs')).toMatch(/sync +interrupted, process gone/);
  const gone = { status: 'abandoned', process_gone: true, finished_at: null };
  const status = JSON.parse(await ask('--json', 'status'));
  expect(status).toMatchObject({ running: [], sources: [{ runs: [gone] }] });

  const next = await house.sync({ env, args: ['--since', '2025-06-01'] });
  expect(next.code).toBe(EXIT.landed);
  expect(await compare(house)).toEqual(complete(house.emulator));
  const runs: { status: string; process_gone: boolean }[] = JSON.parse(await ask('--json', 'runs'));
  // The killed one has the machine's clock, the other one the house's.
  expect(runs.map((run) => run.status).toSorted()).toEqual(['abandoned', 'landed']);
  expect(runs.map((run) => run.process_gone)).toEqual([false, false]);
});
