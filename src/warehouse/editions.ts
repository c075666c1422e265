import { hash } from 'node:crypto';
import { packageVersion } from '../package.ts';
import type { Statements } from './engine/session.ts';
import { statement } from './engine/statements.ts';
import { MARTS } from './marts.ts';

/** What a file holds besides rows and is replaced as a whole when the program, or a setting, has another edition of it. */

/** Prices of one origin, as rows of `main.model_prices`. */
export interface PricePart {
  readonly part: 'list prices' | 'imported prices' | 'contract prices';
  readonly rows: readonly StoredPrice[];
}

/** A row of `main.model_prices`; the price as decimal text, days as yyyy-mm-dd. */
export interface StoredPrice {
  readonly model: string;
  readonly service_tier: string;
  readonly token_type: string;
  readonly min_input_tokens: number;
  readonly valid_from: string | null;
  readonly valid_to: string | null;
  readonly usd_per_mtok: string | null;
  readonly source: 'contract' | 'imported' | 'overlay' | 'genai-prices';
  readonly source_version: string;
  readonly note: string;
}

const martsEdition = (): string =>
  hash('sha256', MARTS.map(({ name }) => statement(`marts/${name}`)).join('\0')).slice(0, 16);

/** Creates the views of this program where the file has others; in one transaction. */
export async function applyMarts(statements: Statements, nowMs: () => number): Promise<void> {
  await applyEdition(statements, { part: 'marts', edition: martsEdition(), nowMs }, async () => {
    for (const { name } of MARTS) await statements.run(`marts/${name}`);
  });
}

/** Replaces the prices of a part where the file has others; in one transaction. */
export async function applyPrices(
  statements: Statements,
  part: PricePart,
  nowMs: () => number,
): Promise<void> {
  await applyEdition(statements, { part: part.part, edition: editionOf(part), nowMs }, async () => {
    await replacePrices(statements, part);
  });
}

async function replacePrices(statements: Statements, { part, rows }: PricePart): Promise<void> {
  await statements.run('load/delete_prices', { part });
  await statements.run('load/insert_prices', { rows: JSON.stringify(rows) });
}

/** Tells the prices of a part from others. */
export const editionOf = ({ rows }: PricePart): string => hash('sha256', JSON.stringify(rows)).slice(0, 16);

/** Whether a file that is read has these prices, or a list of a newer program. */
export async function isHeld(statements: Statements, part: PricePart): Promise<boolean> {
  const [held] = await statements.rows('state/read_edition', { part: part.part });
  // What was never written down is none: no contract, and no list.
  if (held === undefined) return part.rows.length === 0;
  if (held['edition'] === editionOf(part)) return true;
  return part.part === 'list prices' && isNewer(String(held['program_version']), packageVersion);
}

interface Edition {
  readonly part: 'marts' | PricePart['part'];
  readonly edition: string;
  readonly nowMs: () => number;
}

async function applyEdition(
  statements: Statements,
  { part, edition, nowMs }: Edition,
  apply: () => Promise<void>,
): Promise<void> {
  const [held] = await statements.rows('state/read_edition', { part });
  if (held?.['edition'] === edition) return;
  // Two programs in turn on one file would replace each other's for ever. A contract is a setting of this run.
  if (part !== 'contract prices' && isNewer(String(held?.['program_version'] ?? ''), packageVersion)) return;
  await statements.transaction(async () => {
    await apply();
    await statements.run('state/delete_edition', { part });
    await statements.run('state/insert_edition', {
      part,
      edition,
      program_version: packageVersion,
      now_ms: nowMs(),
    });
  });
}

/** Whether a version, such as 1.10.2, is above another one; what follows the three numbers is not looked at. */
function isNewer(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10) || 0),
  );
  const differing = [0, 1, 2].find((place) => one?.[place] !== other?.[place]);
  return differing !== undefined && (one?.[differing] ?? 0) > (other?.[differing] ?? 0);
}
