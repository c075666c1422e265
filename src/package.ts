/** The package's own folder and version: the same files in a checkout (src/…) and when installed (dist/src/…). */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** The folder that holds `package.json` and `sql/`, absolute. */
export const packageRoot: string = findRoot(import.meta.dirname);

const { version, dependencies } = z
  .object({ version: z.string(), dependencies: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')));

export const packageVersion: string = version;

/** Version of a dependency; they are all pinned. */
export const pinnedVersion = (name: string): string => dependencies[name] ?? 'unknown';

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json')) || dirname(folder) === folder) return folder;
  return findRoot(dirname(folder));
}
