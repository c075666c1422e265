import { textOf } from '../support/items.ts';
import { MemoryWarehouse } from '../support/memory-warehouse.ts';
import { openTemporary, rows } from '../warehouse/support.ts';
import { testWarehouse } from './warehouse.ts';

testWarehouse('in memory', async () => {
  const warehouse = new MemoryWarehouse();
  return {
    warehouse,
    runStatus: async (runId) => warehouse.runs.get(runId)?.status,
    raws: async (source) =>
      [...warehouse.rows].filter(([key]) => key.startsWith(`${source} `)).map(([, { item }]) => textOf(item)),
    deletedIds: async () => [...warehouse.deletions].map((key) => String(key.split(' ')[1])),
  };
});

testWarehouse('in a DuckDB file', async () => {
  const warehouse = await openTemporary();
  return {
    warehouse,
    runStatus: async (runId) =>
      (await warehouse.listRuns({ source: null, limit: 100 })).find((run) => run.runId === runId)?.status,
    raws: async (source) =>
      (await rows(warehouse, `select raw from main.completions where source = '${source}'`)).map((row) =>
        String(row['raw']),
      ),
    deletedIds: async () =>
      (await rows(warehouse, 'select completion_id from main.completion_deletions')).map((row) =>
        String(row['completion_id']),
      ),
  };
});
