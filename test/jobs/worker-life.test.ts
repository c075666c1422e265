import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { beginLife, takeUpJobsOfTheDead } from '../../jobs/worker-life.ts';
import { takeFileLock } from '../../src/warehouse/engine/file-lock.ts';
import { temporaryPath } from '../warehouse/support.ts';

const ID = '0c7f2a52-5d0c-4a43-9b0e-2f6f3a1f6f10';

test('a worker that lives, and one of another queue, are left alone; what a dead one left goes', async () => {
  const crew = { warehousePath: await temporaryPath(), queueName: 'night.eu' };
  const folder = `${crew.warehousePath}.workers`;
  const life = await beginLife(crew, ID);
  onTestFinished(() => life.release());
  const dead = join(folder, `night.eu.${ID.replace('0', '1')}`);
  const elsewhere = join(folder, `eu.${ID.replace('0', '2')}`);
  // As a process leaves them that is killed: there, and nobody's.
  for (const path of [dead, elsewhere]) (await takeFileLock(path))?.release();
  await Promise.all([dead, elsewhere].map((path) => access(path)));
  const asked: string[] = [];
  const queue = {
    getJobs: async (types: unknown) => {
      asked.push(String(types));
      return [];
    },
    getJob: async () => undefined,
  };
  expect(await takeUpJobsOfTheDead(crew, [queue])).toEqual([]);
  expect(asked).toEqual(['active']);
  expect((await readdir(folder)).map((name) => join(folder, name)).sort()).toEqual(
    [elsewhere, join(folder, `night.eu.${ID}`)].sort(),
  );
});
