import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ownProcess } from '../../src/process-identity.ts';
import { readProgress } from '../../src/run/run-progress.ts';
import { temporaryPath } from '../warehouse/support.ts';

test('what a process told that is gone is told no more, at once; of one elsewhere it is until it is old', async () => {
  const path = await temporaryPath();
  const gone = { ...ownProcess(), pid: 2 ** 22 + 1 };
  const processes = { living: ownProcess(), gone, elsewhere: { ...gone, host: 'elsewhere' } };
  const runs = Object.entries(processes).map(([source, process]) => ({
    source,
    kind: 'sync',
    started_at_ms: 0,
    updated_at_ms: 1_000,
    rows: 1,
    pages: 1,
    walkers: 1,
    pages_left: null,
    reached_at: 0,
    process,
  }));
  writeFileSync(`${path}.progress`, JSON.stringify(runs));
  const sources = async (nowMs: number) => (await readProgress(path, nowMs)).map(({ source }) => source);
  expect(await sources(2_000)).toEqual(['living', 'elsewhere']);
  expect(await sources(600_000)).toEqual([]);
});
