/**
 * Servers and browsers that npm does not bring. A test that lacks one is skipped and says so in its title: `.ci/run`
 * counts that as a failure.
 */
import { accessSync, constants, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';

export const redisServerPath = findProgram('redis-server');
/** The newest first: Debian keeps these off the PATH, each version in a folder of its own. */
export const postgresPath =
  globSync('/usr/lib/postgresql/*/bin/postgres')
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .find(isExecutable) ?? findProgram('postgres');
export const chromiumPath = findProgram('chromium', 'chromium-browser', 'google-chrome');

export const describeWithRedis = describeWith(redisServerPath, 'Redis');
export const describeWithPostgres = describeWith(postgresPath, 'PostgreSQL');
export const describeWithChromium = describeWith(chromiumPath, 'Chromium');

function describeWith(path: string | null, needed: string) {
  return (title: string, body: () => void): void => {
    describe.skipIf(path === null)(`${title} [needs ${needed}]`, body);
  };
}

export function findProgram(...names: readonly string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const places = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return places.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
