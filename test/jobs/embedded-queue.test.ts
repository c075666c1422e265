import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openEmbedded } from '../../jobs/embedded.ts';
import { queueContract } from '../contract/queue.ts';
import { silentLog } from './support.ts';

describe('the embedded queue', () => {
  let folder: string;
  // Making a new one takes seconds, which a user waits once: the tests start from a copy of an empty one.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenhouse-embedded-'));
    const queue = await openEmbedded(join(folder, 'empty'), silentLog(), new AbortController().signal);
    await queue.close();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  queueContract({
    name: 'embedded',
    environment: () => ({}),
    async prepare({ path }) {
      await mkdir(`${path}.queue`, { mode: 0o700 });
      await cp(join(folder, 'empty.queue/postgres'), `${path}.queue/postgres`, { recursive: true });
    },
  });
});
