import { TerminalError } from '../errors.ts';
import type { Statements } from './engine/session.ts';
import { knownMigrations, statement } from './engine/statements.ts';

/**
 * - `empty`: a DuckDB file with nothing in it.
 * - `ours`: has the mark of Tokenhouse; `number` is the newest migration it has.
 * - `copy`: the same, of a published copy.
 * - `foreign`: anything else.
 */
export type FileKind =
  | { readonly kind: 'empty' }
  | { readonly kind: 'ours' | 'copy'; readonly number: number }
  | { readonly kind: 'foreign' };

/** Reads only. */
export async function identify(statements: Statements): Promise<FileKind> {
  const [row] = await statements.rows('state/identify');
  if (row === undefined || Number(row['mark_count']) === 0) {
    return Number(row?.['object_count']) === 0 ? { kind: 'empty' } : { kind: 'foreign' };
  }
  const [newest] = await statements.rows('state/schema_number');
  const isCopy = Number(row['copy_count']) > 0;
  return { kind: isCopy ? 'copy' : 'ours', number: Number(newest?.['number']) };
}

/**
 * Refuses what this program must not write to.
 *
 * @throws {TerminalError} for a file of another program, or one that a newer Tokenhouse has migrated.
 */
export function refuseForeign(file: FileKind, path: string): void {
  if (file.kind === 'foreign') {
    throw new TerminalError(
      `${path} is a DuckDB file of another program: nothing was changed. Set WAREHOUSE to a file of its own.`,
    );
  }
  const newest = knownMigrations().length;
  if ('number' in file && file.number > newest) {
    throw new TerminalError(
      `${path} was written by a newer Tokenhouse (schema ${file.number}, this program knows ${newest}): ` +
        'nothing was changed. Update Tokenhouse.',
    );
  }
}

/** @throws {TerminalError} for a published copy: the next one would take the place of what is written to it. */
export function refuseCopy(file: FileKind, path: string): void {
  if (file.kind !== 'copy') return;
  throw new TerminalError(
    `${path} is the published copy of a warehouse: nothing was changed. Set WAREHOUSE to a file of its own.`,
  );
}

/**
 * A name without its number. Two branches of a few days each had a fourth migration: a file has one of them as its fourth, and is to
 * get the other one.
 */
const wordsOf = (name: string): string => name.replace(/^\d+_/, '');

/**
 * Brings the file to the newest schema, each migration in a transaction that also records its number.
 *
 * @returns the migrations that were applied.
 * @throws {TerminalError} as {@link refuseForeign}, or when a migration fails; those before it stay.
 */
export async function migrate(
  statements: Statements,
  path: string,
  nowMs: () => number,
): Promise<readonly string[]> {
  const file = await identify(statements);
  refuseForeign(file, path);
  refuseCopy(file, path);
  const held = file.kind === 'ours' ? await statements.rows('state/list_migrations') : [];
  const formerNames = new Map(held.map((row) => [wordsOf(String(row['name'])), String(row['name'])]));
  const missing = knownMigrations().filter(({ name }) => !formerNames.has(wordsOf(name)));
  const renumbered = knownMigrations().filter(
    ({ name }) => ![undefined, name].includes(formerNames.get(wordsOf(name))),
  );
  if (renumbered.length > 0) {
    await statements.transaction(async () => {
      for (const { number, name } of renumbered) {
        const former = formerNames.get(wordsOf(name)) ?? name;
        await statements.run('state/renumber_migration', { number, name, former });
      }
    });
  }
  for (const { number, name } of missing) {
    await statements.transaction(async () => {
      await statements.run(name, undefined, statement(`migrations/${name}`));
      await statements.run('state/record_migration', { number, name, now_ms: nowMs() });
    });
  }
  return missing.map(({ name }) => name);
}
