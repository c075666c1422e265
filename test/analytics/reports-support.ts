/** Reports on hand-made rows whose answers are worked out by hand. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { readBudgets } from '../../src/analytics/budget-file.ts';
import { builtIn } from '../../src/analytics/reports.ts';
import { type ReportRequest, type ReportResult, runReport } from '../../src/analytics/run-report.ts';
import type { PricePart } from '../../src/warehouse/editions.ts';
import type { SqlValue } from '../../src/warehouse/engine/values.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { copyTemplate } from '../support/templates.ts';
import { publishBeside, publishedPath, REAL_MARTS } from '../warehouse/publishing.ts';
import { choice, listOf, load, type Made, openPriced, price, type Run, usage } from './support.ts';

export const NOW = '2026-11-20T12:00:00Z';
export const GPT41 = 'gpt-4.1-2025-04-14';
export const GPT5 = 'gpt-5-2025-08-07';

const of5 = (service_tier: string, input: string, output: string) => [
  price({ model: GPT5, service_tier, usd_per_mtok: input }),
  price({ model: GPT5, service_tier, token_type: 'input_cached', usd_per_mtok: '0' }),
  price({ model: GPT5, service_tier, token_type: 'output', usd_per_mtok: output }),
];

/** gpt-4.1: input 4, from the 10th on 2; cached 0.5; output 8. gpt-5: 1 and 10, flex half of it, priority twice. */
export const PRICES = listOf(
  price({ valid_to: '2026-11-10', usd_per_mtok: '4' }),
  price({ valid_from: '2026-11-10', usd_per_mtok: '2' }),
  price({ token_type: 'input_cached', usd_per_mtok: '0.5' }),
  price({ token_type: 'output', usd_per_mtok: '8' }),
  ...of5('default', '1', '10'),
  ...of5('flex', '0.5', '5'),
  ...of5('priority', '2', '20'),
);

const call = (name: string) => ({ id: `c-${name}`, type: 'function', function: { name, arguments: '{}' } });

/** Of the source `prod`. */
export const PROD: readonly Made[] = [
  // The last second at the old price: 0.6 x 4 + 0.4 x 0.5 + 0.1 x 8 = 3.4.
  {
    id: 'a',
    at: '2026-11-09T23:59:59Z',
    usage: usage(1_000_000, 100_000, { cached: 400_000 }),
    tags: { team: 'x', env: 'dev' },
  },
  // Midnight, of two sources: the new price, 2 + 0.8 = 2.8. It does not tell its details.
  {
    id: 'b',
    at: '2026-11-10T00:00:00Z',
    tags: { team: 'y' },
    choices: [
      choice('tool_calls', { tool_calls: [call('look_up'), call('look_up'), call('send')] }),
      choice('stop', {}, 1),
    ],
  },
  // A tier and a model without a price.
  {
    id: 'e',
    at: '2026-11-11T10:00:00Z',
    model: GPT5,
    tier: 'turbo',
    usage: usage(1000, 100),
    tags: { env: 'prod' },
  },
  { id: 'f', at: '2026-11-12T10:00:00Z', model: 'llama-9', usage: usage(2000, 200), tags: { team: 'x' } },
  // No usage at all; filtered, and refused.
  {
    id: 'g',
    at: '2026-11-12T11:00:00Z',
    usage: null,
    tags: { team: 'y' },
    choices: [choice('content_filter'), choice('stop', { content: null, refusal: 'no' }, 1)],
  },
  // On the open day: 0.5 x 2 = 1, cut off.
  {
    id: 'h',
    at: '2026-11-20T08:00:00Z',
    usage: usage(500_000, 0),
    tags: { team: 'x' },
    choices: [choice('length')],
  },
];

/** Of the source `eu`: flex 0.5 + 0.5 = 1, which the default tier would do for 2; priority 2 + 2 = 4 for the same 2. */
export const EU: readonly Made[] = [
  {
    id: 'c',
    at: '2026-11-10T00:00:00Z',
    model: GPT5,
    tier: 'flex',
    usage: usage(1_000_000, 100_000, { cached: 0, reasoning: 50_000 }),
    tags: { team: 'x' },
  },
  {
    id: 'd',
    at: '2026-11-11T10:00:00Z',
    model: GPT5,
    tier: 'priority',
    usage: usage(1_000_000, 100_000, { cached: 250_000, reasoning: 100_000 }),
    tags: {},
    // Cached costs nothing here: 0.75 x 2 + 2 = 3.5; at the default tier 0.75 + 1 = 1.75.
  },
];

export const COVERED = [['2026-10-01T00:00:00Z', '2026-11-20T11:30:00Z']] as const;

/** Loads both into a warehouse that has {@link PRICES}. */
export async function fill(warehouse: WarehouseFile): Promise<WarehouseFile> {
  const run = (fields: Omit<Run, 'now'>): Promise<void> =>
    load(warehouse, { now: NOW, covered: COVERED, ...fields });
  await run({ source: 'prod', made: PROD });
  await run({ source: 'eu', made: EU });
  return warehouse;
}

/** One that is the test's own. */
export const ownFixture = async (options: Parameters<typeof openPriced>[1] = {}): Promise<WarehouseFile> =>
  fill(await openPriced(PRICES, options));

let shared: Promise<WarehouseFile> | null = null;
const folders: string[] = [];
const copies: WarehouseFile[] = [];

afterAll(async () => {
  for (const copy of copies) await copy.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/**
 * The one of all tests in a file, which only ask it: making it takes longer than most of them. It is the published copy, which is what
 * reports are read from where there is one, in a fifth of the time; that it says what its warehouse does is for the tests of publishing.
 */
export function fixture(): Promise<WarehouseFile> {
  shared ??= publishedCopy(PRICES, async (warehouse) => {
    await fill(warehouse);
  });
  return shared;
}

/** The published copy of a warehouse that `loading` fills; closed after all tests of the file. */
export async function publishedCopy(
  prices: readonly PricePart[],
  loading: (warehouse: WarehouseFile) => Promise<void>,
): Promise<WarehouseFile> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenhouse-'));
  folders.push(folder);
  const path = join(folder, 'warehouse.duckdb');
  await copyTemplate('bare', path);
  const warehouse = await openWarehouse({ path, content: 'full', waitSeconds: 0, prices });
  await loading(warehouse);
  await publishBeside(path, { publishedContent: 'full', marts: REAL_MARTS, prices });
  await warehouse.close();
  const copy = await openWarehouse({
    path: publishedPath(path),
    content: 'full',
    waitSeconds: 0,
    readOnly: true,
  });
  copies.push(copy);
  return copy;
}

export const REQUEST: ReportRequest = {
  since: null,
  until: null,
  by: [],
  where: [],
  top: null,
  source: null,
  budget: null,
  nowMs: Date.parse(NOW),
};

/** What a report does not run without. */
const NEEDS: Readonly<Record<string, Partial<ReportRequest>>> = {
  budgets: { budgets: readBudgets('group,monthly_usd\nmetadata.team=x,100\n') },
  'what-if': { whatIf: { model: GPT5, tier: null, cachedShare: null } },
};

/** A request of one `--by` or `--where` names it alone. */
export interface Fields extends Partial<Omit<ReportRequest, 'by' | 'where'>> {
  readonly by?: string | readonly string[];
  readonly where?: string | readonly string[];
}

export const run = (warehouse: WarehouseFile, name: string, fields: Fields = {}): Promise<ReportResult> =>
  runReport(warehouse, builtIn(name), {
    ...REQUEST,
    ...NEEDS[name],
    ...fields,
    by: [fields.by ?? []].flat(),
    where: [fields.where ?? []].flat(),
  });

/** Amounts as numbers. */
const plain = (value: SqlValue): SqlValue =>
  typeof value === 'bigint' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
    ? Number(value)
    : typeof value === 'number'
      ? Math.round(value * 1e9) / 1e9
      : value;

/** The rows of a report, these columns of them, as arrays. */
export async function table(
  warehouse: WarehouseFile,
  name: string,
  columns: readonly string[],
  fields: Fields = {},
): Promise<readonly SqlValue[][]> {
  const { rows } = await run(warehouse, name, fields);
  return rows.map((row) =>
    columns.map((column) => {
      if (!(column in row)) throw new Error(`${name} has no column ${column}`);
      return plain(row[column] ?? null);
    }),
  );
}
