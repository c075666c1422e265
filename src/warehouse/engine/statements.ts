import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder with package.json, upwards from here: the same from src/ and from dist/src/. */
function packageRoot(from: string): string {
  const parent = dirname(from);
  if (existsSync(join(from, 'package.json')) || parent === from) return from;
  return packageRoot(parent);
}

const SQL_FOLDER = join(packageRoot(import.meta.dirname), 'sql');
const read = new Map<string, string>();

/**
 * Text of a file in sql/, read once a process.
 *
 * @param name path in sql/ without the extension, such as `load/plan_merge`.
 */
export function statement(name: string): string {
  const known = read.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(join(SQL_FOLDER, `${name}.sql`), 'utf8');
  read.set(name, text);
  return text;
}

export interface Migration {
  readonly number: number;
  /** File name without the extension. */
  readonly name: string;
}

/**
 * The migrations this program knows, ascending.
 *
 * @throws {Error} when the numbers in sql/migrations are not 1, 2, 3, …
 */
export function knownMigrations(): readonly Migration[] {
  const names = readdirSync(join(SQL_FOLDER, 'migrations'))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
  return names.map((name, index) => {
    const number = Number.parseInt(name, 10);
    if (number !== index + 1) throw new Error(`sql/migrations/${name}.sql should be number ${index + 1}`);
    return { number, name };
  });
}
