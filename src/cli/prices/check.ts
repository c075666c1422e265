/** `tokenhouse prices check`: what is used and has no price, and how old the lists are. */
import { PRICES_EXIT } from '../../errors.ts';
import { type FailedImport, readFailedImport } from '../../run/failed-import.ts';
import { statement } from '../../warehouse/engine/statements.ts';
import type { WarehouseFile } from '../../warehouse/warehouse-file.ts';
import type { CommandContext } from '../context.ts';
import { failure } from '../failure.ts';
import { ageNote, openForQuestions, type QuestionOptions } from '../open-published.ts';
import { write, writeJson } from '../output.ts';
import { grouped } from '../progress.ts';
import { localConfigOf } from '../read-options.ts';
import { counted, timeText } from '../status-text.ts';
import { renderFitted, renderTable } from '../table.ts';
import { wrapped } from '../wrap.ts';

export interface CheckOptions extends QuestionOptions {
  readonly days: number;
  readonly maxAge?: number;
}

interface PriceListState {
  readonly source: string;
  readonly source_version: string;
  readonly prices: number;
  readonly models: number;
}

interface UnpricedUsage {
  readonly model: string;
  readonly service_tier: string;
  readonly token_type: string;
  readonly reason: string;
  /** false: no list could give it a price. */
  readonly counts: boolean;
  readonly completions: number;
  readonly tokens: number;
  readonly first_date: string;
  readonly last_date: string;
}

interface Found {
  readonly since: string;
  readonly lists: readonly PriceListState[];
  /** ISO 8601, UTC; null: never. */
  readonly importedAt: string | null;
  readonly failedImport: FailedImport | null;
  readonly unpriced: readonly UnpricedUsage[];
}

const DAY_MS = 86_400_000;
/** A night that failed, and a weekend. */
const NIGHTLY_AGE_DAYS_MAX = 3;
const NO_MATTER_OF_LISTS: ReadonlySet<string> = new Set(['prepaid tier', 'no split']);

/** What cannot be told is an answer too. */
export async function checkPrices(context: CommandContext, options: CheckOptions): Promise<number> {
  try {
    return await answer(context, options);
  } catch (error) {
    if (context.signal.aborted || !context.json) throw error;
    const reason = failure(error, context.signal, false)
      .text.replace(/\s*\n\s*/g, ' ')
      .trim();
    await writeJson(context.stdout, { check: 'unknown', exit_code: PRICES_EXIT.unknown, reasons: [reason] });
    return PRICES_EXIT.unknown;
  }
}

async function answer(context: CommandContext, options: CheckOptions): Promise<number> {
  const config = localConfigOf(context, options);
  const questioned = await openForQuestions(context, options);
  await using warehouse = questioned.warehouse;
  const today = dayOf(context.now());
  const since = dayOf(context.now() - (options.days - 1) * DAY_MS);
  const found: Found = {
    since,
    lists: await listsOf(warehouse, today),
    importedAt: await importedAtOf(warehouse),
    failedImport: readFailedImport(config.warehouse.path),
    unpriced: await unpricedOf(warehouse, since),
  };
  const isNightly = config.jobs.pricesCron !== null;
  const ageDaysMax = options.maxAge ?? (isNightly ? NIGHTLY_AGE_DAYS_MAX : null);
  const troubles = troublesOf(found, ageDaysMax, context.now());
  const worst = troubles.some(({ kind }) => kind === 'unpriced') ? 'unpriced' : (troubles[0]?.kind ?? 'ok');
  if (context.json) {
    await writeJson(context.stdout, {
      check: worst,
      exit_code: PRICES_EXIT[worst],
      reasons: troubles.map(({ reason }) => reason),
      since,
      lists: found.lists,
      imported_at: found.importedAt,
      import_age_days: found.importedAt === null ? null : ageDays(found.importedAt, context.now()),
      failed_import:
        found.failedImport === null
          ? null
          : { tried_at: isoOf(found.failedImport.triedAtMs), reason: found.failedImport.reason },
      unpriced: found.unpriced,
    });
  } else {
    await tell(context, found, troubles, worst);
  }
  const note = ageNote(questioned);
  if (note !== null) context.note(note);
  return PRICES_EXIT[worst];
}

const isoOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');
const dayOf = (ms: number): string => isoOf(ms).slice(0, 10);
const ageDays = (at: string, nowMs: number): number =>
  Math.max(0, Math.floor((nowMs - Date.parse(at)) / DAY_MS));

async function rowsOf(
  warehouse: WarehouseFile,
  name: string,
  parameters: Readonly<Record<string, string>> = {},
) {
  const { columns, rows } = await warehouse.query(statement(name), parameters);
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, place) => [column.name, row[place] ?? null])),
  );
}

async function listsOf(warehouse: WarehouseFile, today: string): Promise<readonly PriceListState[]> {
  return (await rowsOf(warehouse, 'state/price_lists', { today })).map((row) => ({
    source: String(row['source']),
    source_version: String(row['source_version']),
    prices: Number(row['prices']),
    models: Number(row['models']),
  }));
}

async function importedAtOf(warehouse: WarehouseFile): Promise<string | null> {
  const [row] = await rowsOf(warehouse, 'state/last_price_import');
  const at = row?.['applied_at'];
  return typeof at === 'string' ? at : null;
}

async function unpricedOf(warehouse: WarehouseFile, since: string): Promise<readonly UnpricedUsage[]> {
  return (await rowsOf(warehouse, 'state/unpriced_since', { since })).map((row) => {
    const reason = String(row['reason']);
    return {
      model: String(row['model']),
      service_tier: String(row['service_tier']),
      token_type: String(row['token_type']),
      reason,
      counts: !NO_MATTER_OF_LISTS.has(reason),
      completions: Number(row['completions']),
      tokens: Number(row['tokens']),
      first_date: String(row['first_date']),
      last_date: String(row['last_date']),
    };
  });
}

interface Trouble {
  readonly kind: 'stale' | 'unpriced';
  readonly reason: string;
}

function troublesOf(found: Found, ageDaysMax: number | null, nowMs: number): readonly Trouble[] {
  const { importedAt, failedImport, unpriced, since } = found;
  const counting = unpriced.filter(({ counts }) => counts);
  const tokens = counting.reduce((sum, row) => sum + row.tokens, 0);
  const models = new Set(counting.map(({ model }) => model)).size;
  const troubles: Trouble[] = [];
  if (counting.length > 0) {
    const reason = `${grouped(tokens)} tokens of ${counted(models, 'model')} since ${since} have no price`;
    troubles.push({ kind: 'unpriced', reason });
  }
  if (failedImport !== null) {
    const reason = `the import of ${timeText(isoOf(failedImport.triedAtMs))} failed: ${failedImport.reason}`;
    troubles.push({ kind: 'stale', reason });
  }
  if (ageDaysMax !== null && (importedAt === null || ageDays(importedAt, nowMs) > ageDaysMax)) {
    const age =
      importedAt === null
        ? 'no price list was ever imported'
        : `the last import is ${counted(ageDays(importedAt, nowMs), 'day')} old`;
    troubles.push({ kind: 'stale', reason: age });
  }
  return troubles;
}

const NAMES: Readonly<Record<string, string>> = {
  contract: 'contract (PRICES_FILE)',
  imported: 'imported',
  overlay: 'overlay, of Tokenhouse',
  'genai-prices': 'genai-prices, as shipped',
};

async function tell(
  context: CommandContext,
  { lists, importedAt, unpriced, since }: Found,
  troubles: readonly Trouble[],
  worst: keyof typeof PRICES_EXIT,
): Promise<void> {
  const say = (text: string) => write(context.stdout, `${wrapped(text, context.columns, 2)}\n`);
  const style = { lines: context.isTty, color: context.color };
  const listed = lists.map((one) => ({ ...one, source: NAMES[one.source] ?? one.source }));
  const listColumns = [
    { key: 'source' },
    { key: 'source_version', title: 'version' },
    { key: 'models', align: 'right' },
    { key: 'prices', align: 'right' },
  ] as const;
  await write(context.stdout, renderTable(listColumns, listed, style));
  await say(
    importedAt === null
      ? 'no price list was imported: the prices are those of this version'
      : `last import: ${timeText(importedAt)}, ${counted(ageDays(importedAt, context.now()), 'day')} ago`,
  );
  if (unpriced.length > 0) {
    const columns = [
      { key: 'model' },
      { key: 'service_tier', title: 'tier' },
      { key: 'token_type', title: 'type' },
      { key: 'reason', isMinor: true },
      { key: 'tokens', align: 'right' },
      { key: 'completions', title: 'calls', align: 'right' },
      { key: 'first_date', title: 'first', isMinor: true },
      { key: 'last_date', title: 'last' },
    ] as const;
    const rows = unpriced.map((row) => ({
      ...row,
      tokens: grouped(row.tokens),
      completions: grouped(row.completions),
    }));
    await write(
      context.stdout,
      `\nwithout a price since ${since}\n${renderFitted(columns, rows, { ...style, width: context.columns })}`,
    );
  }
  const reasons = troubles.map(({ reason }) => reason).join('; ');
  await say(`${worst}: ${reasons || `all that was used since ${since} has a price`}`);
  if (worst === 'unpriced') {
    await say(
      `\`tokenhouse prices import LIST --from ${since}\` gives these days prices too, if LIST has the models by these names; PRICES_FILE takes your own, which hold for dated names as well`,
    );
  }
}
