/** Runs of the sync over the model of the API, with every setting at its default. */
import { unixSeconds } from '../../src/sync/ports.ts';
import {
  type SyncOptions,
  type SyncProgress,
  type SyncResult,
  syncCompletions,
} from '../../src/sync/sync.ts';
import { ApiModel, DEFAULT_TRAITS, type ModelRow, type ModelTraits } from './api-model.ts';
import { MemoryWarehouse } from './memory-warehouse.ts';
import { type Random, seededRandom } from './random.ts';

export const NOW = 1_750_000_000;

export interface Bench {
  readonly api: ApiModel;
  readonly warehouse: MemoryWarehouse;
  readonly random: Random;
  run(
    options?: Partial<SyncOptions>,
    signal?: AbortSignal,
    onProgress?: (progress: SyncProgress) => void,
  ): Promise<SyncResult>;
  /** Ids the API stores and the warehouse lacks. */
  missing(): string[];
  requests(): number;
}

export function benchOf(rows: readonly ModelRow[], traits: Partial<ModelTraits> = {}, seed = 1): Bench {
  const random = seededRandom(seed);
  const api = new ApiModel(NOW, { ...DEFAULT_TRAITS, pageRowsMax: 100, ...traits }, random);
  for (const row of rows) api.add(row);
  const warehouse = new MemoryWarehouse();
  return {
    api,
    warehouse,
    random,
    run: (options = {}, signal = new AbortController().signal, onProgress = () => {}) =>
      syncCompletions(
        { source: api, warehouse, clock: { nowMs: () => api.nowSeconds * 1000 }, onProgress },
        {
          kind: 'sync',
          cutoff: unixSeconds(NOW - 30 * 86_400),
          until: null,
          isExplicit: false,
          reread: false,
          settleSeconds: 1_800,
          pageSize: 100,
          concurrency: 1,
          batchRows: 2_000,
          batchSeconds: 2,
          withMessages: false,
          ...options,
        },
        signal,
      ),
    missing() {
      const held = new Set([...warehouse.rows.values()].map(({ item }) => item.id as string));
      return api
        .stored()
        .map((row) => row.id)
        .filter((id) => !held.has(id));
    },
    requests: () => api.counts().requests,
  };
}

/** Rows at a rate, the newest `newestAgo` seconds before now; arrivals fall on random seconds. */
export function rowsAt(
  count: number,
  perSecond: number,
  values: { models?: readonly string[]; teams?: readonly string[] } = {},
  seed = 7,
): ModelRow[] {
  const random = seededRandom(seed);
  const span = count / perSecond;
  return Array.from({ length: count }, (_, index) => {
    const createdAt = NOW - 7_200 - Math.floor(random.next() * span);
    return {
      id: `row-${String(random.below(1e9)).padStart(9, '0')}-${index}`,
      createdAt,
      visibleAt: createdAt,
      model: values.models === undefined ? 'only' : random.pick(values.models),
      metadata: values.teams === undefined ? {} : { team: random.pick(values.teams) },
    };
  });
}
