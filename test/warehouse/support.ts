import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SqlRow } from '../../src/warehouse/engine/session.ts';
import { openWarehouse, type WarehouseOptions } from '../../src/warehouse/open.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { copyTemplate } from '../support/templates.ts';

export * from './batches.ts';

/** A path in a folder that is removed when the test ends. */
export async function temporaryPath(name = 'warehouse.duckdb'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenhouse-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, name);
}

export async function open(path: string, options: Partial<WarehouseOptions> = {}): Promise<WarehouseFile> {
  const warehouse = await openWarehouse({ path, content: 'full', waitSeconds: 0, ...options });
  onTestFinished(() => warehouse.close());
  return warehouse;
}

/** The path of a new warehouse, empty. */
export async function temporaryWarehouse(kind: 'bare' | 'priced' = 'bare'): Promise<string> {
  const path = await temporaryPath();
  await copyTemplate(kind, path);
  return path;
}

export const openTemporary = async (options: Partial<WarehouseOptions> = {}): Promise<WarehouseFile> =>
  open(await temporaryWarehouse(), options);

/** Result of a query as objects. */
export async function rows(warehouse: WarehouseFile, sql: string): Promise<readonly SqlRow[]> {
  const result = await warehouse.query(sql);
  return result.rows.map((row) =>
    Object.fromEntries(result.columns.map((column, index) => [column.name, row[index] ?? null])),
  );
}

/** First value of the first row. */
export const value = async (warehouse: WarehouseFile, sql: string): Promise<unknown> =>
  (await warehouse.query(sql)).rows[0]?.[0];
