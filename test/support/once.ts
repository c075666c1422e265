/** A warehouse with its copy, made once for the tests of a file: each starts from a copy of both. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { publishedPath } from '../warehouse/publishing.ts';
import { temporaryPath } from '../warehouse/support.ts';

/**
 * @param make makes the warehouse, and its copy beside it.
 * @returns what puts both where a test has them for itself: the warehouse's path.
 */
export function madeOnce(make: () => Promise<string>): () => Promise<string> {
  let folder = '';
  let kept: Promise<string> | null = null;
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const keep = async (): Promise<string> => {
    folder = await mkdtemp(join(tmpdir(), 'tokenhouse-once-'));
    const path = join(folder, 'warehouse.duckdb');
    await copyBoth(await make(), path);
    return path;
  };
  return async () => {
    kept ??= keep();
    const path = await temporaryPath();
    await copyBoth(await kept, path);
    return path;
  };
}

async function copyBoth(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await copyFile(publishedPath(from), publishedPath(to));
}
