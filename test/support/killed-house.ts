import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { type House, houseOf } from './house.ts';
import type { KillOrder } from './kill-child.ts';
import { finished } from './shell.ts';

/** A house whose first sync was killed after its third commit of 40 rows, all of which are in the log. */
export async function killedHouse(rows: number): Promise<House> {
  const house = await houseOf({ rows });
  // Made by the process: by its log a file knows that it is its own, and one of a template would be that of any other.
  await rm(house.path);
  const order: KillOrder = {
    baseUrl: house.emulator.baseUrl,
    path: house.path,
    nowSeconds: house.now,
    pageSize: 20,
    batchRows: 40,
    step: 'committed',
    nth: 3,
  };
  const script = fileURLToPath(new URL('./kill-child.ts', import.meta.url));
  const { signal } = await finished(process.execPath, [script, JSON.stringify(order)]);
  expect(signal).toBe('SIGKILL');
  return house;
}
