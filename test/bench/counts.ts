/** Part `d`: what a run asks for and does, counted on fixed walks: the same on every machine, so a test compares it too. */
import { join } from 'node:path';
import { startEmulator } from '../../src/emulator/emulator.ts';
import { syncDirectly } from '../support/direct-sync.ts';
import { type Figures, lower } from './figures.ts';
import { temporaryFolder } from './processes.ts';

const NOW = 1_750_000_000;
const ROWS = 6_000;
const PAGE = 100;

interface Counted {
  readonly requests: number;
  /** Of all answers' bodies. */
  readonly bytes: number;
  readonly bytesStored: number;
  readonly statements: number;
  readonly batches: number;
}

async function counted(ratePerSecond: number): Promise<Counted> {
  await using folder = await temporaryFolder();
  await using emulator = await startEmulator({
    rows: ROWS,
    nowSeconds: () => NOW,
    generate: { ratePerSecond, endSeconds: NOW - 7_200 },
  });
  let [statements, batches] = [0, 0];
  const { counts } = await syncDirectly({
    baseUrl: emulator.baseUrl,
    path: join(folder.path, 'bench.duckdb'),
    nowSeconds: NOW,
    pageSize: PAGE,
    batchRows: 2_000,
    onStep(step) {
      if (step.startsWith('load/')) statements += 1;
      else if (step === 'committed') batches += 1;
    },
  });
  if (counts.rowsInserted !== ROWS) throw new Error(`${ROWS - counts.rowsInserted} rows were lost`);
  const { store, requests } = emulator;
  return {
    requests: counts.requests,
    bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
    bytesStored: [...store.rows()].reduce((sum: number, row) => sum + store.bytesOf(row).length, 0),
    statements,
    batches,
  };
}

export async function countFigures(): Promise<Figures> {
  const sparse = await counted(0.01);
  const ties = await counted(5);
  const ideal = ROWS / PAGE;
  return {
    sparse_requests_over_pages: lower(sparse.requests / ideal, { unit: 'ratio of requests' }),
    ties_requests_over_pages: lower(ties.requests / ideal, { unit: 'ratio of requests' }),
    sparse_bytes_over_stored: lower(sparse.bytes / sparse.bytesStored, { unit: 'ratio of bytes' }),
    ties_bytes_over_stored: lower(ties.bytes / ties.bytesStored, { unit: 'ratio of bytes' }),
    statements_a_batch: lower(sparse.statements / sparse.batches, { unit: 'statements' }),
  };
}
