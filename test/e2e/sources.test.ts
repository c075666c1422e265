/** Several sources in one warehouse keep apart in every table, with equal ids too. */
import { expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { type House, houseOf, NEWEST } from '../support/house.ts';

const ROWS = 600;

/** Two servers with the same rows and ids, each with a key of its own, and the environment that reads both. */
async function prodAndEu(): Promise<{ prod: House; eu: House; env: Record<string, string> }> {
  const options = { rows: ROWS, seed: 5, generate: { ratePerSecond: 300 } };
  const prod = await houseOf({ ...options, quirks: { apiKey: 'key-of-prod', project: 'proj_prod' } });
  const eu = await houseOf({ ...options, quirks: { apiKey: 'key-of-eu', project: 'proj_eu' } });
  const env = {
    SOURCES: 'prod,eu',
    PROD_API_KEY: 'key-of-prod',
    PROD_BASE_URL: prod.emulator.baseUrl,
    EU_API_KEY: 'key-of-eu',
    EU_BASE_URL: eu.emulator.baseUrl,
  };
  return { prod, eu, env };
}

it('rows, parts, coverage, gaps, checkpoints and runs of two sources with the same ids are each their own', async () => {
  const { prod, eu, env } = await prodAndEu();
  const [id] = prod.emulator.store.ids();
  eu.emulator.store.updateMetadata(id ?? '', { where: 'eu' });
  prod.emulator.store.add({ id: 'bad', created: NEWEST, raw: `{"id":"bad","created":${NEWEST}}` });
  // Both have unproven seconds, as 300 rows a second are split by filters.
  expect((await prod.sync({ env })).code).toBe(EXIT.unproven);

  const tables: readonly (readonly [table: string, key: string])[] = [
    ['main.completions', 'id'],
    ['main.completion_usage', 'completion_id'],
    ['main.completion_choices', 'completion_id, choice_index'],
    ['main.completion_tool_calls', 'completion_id, choice_index, tool_call_index'],
  ];
  for (const [table, key] of tables) {
    const counts = await prod.query(
      `select source, count(*) as n, count(distinct (${key})) as keys from ${table} group by source order by source`,
    );
    expect(counts.map(({ source }) => source)).toEqual(['eu', 'prod']);
    expect(counts[0]?.['n']).toBe(counts[1]?.['n']);
    for (const { n, keys } of counts) expect(keys, table).toBe(n);
  }
  expect(
    await prod.query('select source, count(*) as n from main.completions group by source order by source'),
  ).toEqual([
    { source: 'eu', n: BigInt(ROWS) },
    { source: 'prod', n: BigInt(ROWS) },
  ]);
  expect(
    await prod.query(
      `select source, key, value from main.completion_metadata where completion_id = '${id}' and key = 'where'`,
    ),
  ).toEqual([{ source: 'eu', key: 'where', value: 'eu' }]);
  for (const table of ['sync.coverage', 'sync.gaps', 'sync.checkpoints', 'sync.runs', 'sync.sources']) {
    const found = await prod.query(
      `select source, count(*) as n from ${table} group by source order by source`,
    );
    expect(
      found.map(({ source }) => source),
      table,
    ).toEqual(['eu', 'prod']);
    expect(found[0]?.['n'], table).toBe(found[1]?.['n']);
  }
  expect(await prod.query('select source, id from sync.rejected')).toEqual([{ source: 'prod', id: 'bad' }]);
});

it('--source reads one of them, and a source that fails keeps no other from being read', async () => {
  const { prod, eu, env } = await prodAndEu();
  await prod.sync({ env, args: ['--source', 'eu'] });
  expect(prod.emulator.requestCount).toBe(0);
  expect(await prod.query('select distinct source from main.completions')).toEqual([{ source: 'eu' }]);

  const requestsBefore = eu.emulator.requestCount;
  const { code, stdout } = await prod.sync({ env: { ...env, PROD_API_KEY: 'key-of-eu' } });
  expect(code).toBe(EXIT.failed);
  expect(JSON.parse(stdout)).toMatchObject([
    { source: 'prod', status: 'failed' },
    { source: 'eu', status: 'landed', rows_inserted: 0 },
  ]);
  expect(eu.emulator.requestCount).toBeGreaterThan(requestsBefore);
  expect(
    await prod.query(
      "select status, error like '%PROD_API_KEY%' as named from sync.runs where source = 'prod'",
    ),
  ).toEqual([{ status: 'failed', named: true }]);
});
