/**
 * New warehouses for tests, made once a run and copied: making one is half a second of processor (every view is bound), opening one
 * a twentieth of it. Tests of making one take `temporaryPath`, and get none.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { openWarehouse, type WarehouseOptions } from '../../src/warehouse/open.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly templates: Templates;
  }
}

interface Templates {
  /** Paths: without a price, as who opens a warehouse makes it, and with the list, as the program does. */
  readonly bare: string;
  readonly priced: string;
}

/** Vitest's global set-up. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenhouse-templates-'));
  const templates = { bare: join(folder, 'bare.duckdb'), priced: join(folder, 'priced.duckdb') };
  const make = async (path: string, options: Pick<WarehouseOptions, 'prices'>): Promise<void> => {
    const warehouse = await openWarehouse({ path, content: 'full', waitSeconds: 0, ...options });
    await warehouse.close();
  };
  // Opening a warehouse makes the process careful, and the processes of the tests would inherit that.
  const mask = process.umask();
  await make(templates.bare, {});
  await copyFile(templates.bare, templates.priced);
  await make(templates.priced, { prices: priceParts(null) });
  process.umask(mask);
  project.provide('templates', templates);
  return () => rm(folder, { recursive: true, force: true });
}

export const copyTemplate = (kind: keyof Templates, path: string): Promise<void> =>
  copyFile(inject('templates')[kind], path);
