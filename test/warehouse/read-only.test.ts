import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { wholeMessageOf } from '../../src/warehouse/engine/engine-error.ts';
import { TextSink } from '../support/streams.ts';
import { batch, completion, observe, observed, open, startRun, T0, temporaryPath } from './support.ts';

async function filled(): Promise<string> {
  const path = await temporaryPath();
  const warehouse = await open(path);
  const runId = await startRun(warehouse);
  const seed =
    '{"id":"a","object":"chat.completion","created":1735689600,"model":"m","choices":[],"seed":-4944116822809979520}';
  await warehouse.load(batch(runId, { items: [observed(seed), observe(completion('b', T0 + 1))] }));
  await warehouse.close();
  return path;
}

test('a query gives big numbers and times exactly, whatever the time zone of the machine', async () => {
  process.env['TZ'] = 'America/New_York';
  const warehouse = await open(await filled(), { readOnly: true });
  const { columns, rows } = await warehouse.query(
    `select seed, created, created_at, created_at + interval 1500 microsecond as fraction, created_at::timestamp as naive,
            created_at::date as day, 9223372036854775807 as big, 1.50::decimal(5, 2) as price, [1, 2] as list,
            {'a': created_at} as struct, map {'k': 1::bigint} as map, metadata, null as nothing, 0.1::double as double,
            'infinity'::timestamptz as never, '1969-12-31 23:59:59.5'::timestamp as before
     from main.completions where id = $id`,
    { id: 'a' },
  );
  expect(rows[0]).toEqual([
    '-4944116822809979520',
    1735689600n,
    '2025-01-01T00:00:00Z',
    '2025-01-01T00:00:00.0015Z',
    '2025-01-01T00:00:00',
    '2025-01-01',
    9223372036854775807n,
    '1.50',
    [1, 2],
    { a: '2025-01-01T00:00:00Z' },
    [['k', 1n]],
    null,
    null,
    0.1,
    'infinity',
    '1969-12-31T23:59:59.5',
  ]);
  expect(columns.slice(0, 3)).toEqual([
    { name: 'seed', type: 'DECIMAL(38,0)' },
    { name: 'created', type: 'BIGINT' },
    { name: 'created_at', type: 'TIMESTAMP WITH TIME ZONE' },
  ]);
});

test('SQL of a read-only warehouse reaches no other file, writes nothing and cannot change that', async () => {
  const path = await filled();
  writeFileSync(`${path}.csv`, 'secret\n1\n');
  const warehouse = await open(path, { readOnly: true });
  const refused = [
    `select * from read_text('${path}.csv')`,
    `select * from '${path}.csv'`,
    `copy (select 1) to '${path}.out'`,
    `attach '${path}.other' as other`,
    'set enable_external_access = true',
    "set memory_limit = '100GB'",
    'install httpfs',
    "insert into sync.coverage values ('a', 'b', 1, 2)",
    'drop table main.completions',
  ];
  for (const sql of refused)
    await expect(warehouse.query(sql), sql).rejects.toThrow(/DuckDB failed at the query/);
  await expect(startRun(warehouse)).rejects.toThrow('for reading only');
});

test('an error of a query does not quote rows', async () => {
  const warehouse = await open(await filled(), { readOnly: true });
  const query = warehouse.query('select content::integer from main.completion_choices');
  await expect(query).rejects.toThrow(/Conversion Error \(its text is withheld/);
  await expect(query).rejects.not.toThrow(/answer of/);
  // Whoever asks for all that was said has it; what prints the error, or takes it apart, does not.
  const error: unknown = await query.catch((reason: unknown) => reason);
  expect(wholeMessageOf(error)).toContain("Could not convert string 'answer of");
  const log = new TextSink();
  createLog({ level: 'trace', format: 'json', color: false }, log, false).error(
    { err: error, error },
    'failed',
  );
  const printed = [log.text, inspect(error, { showHidden: true, depth: 9 }), JSON.stringify(error)].join();
  expect(log.text).toContain('its text is withheld');
  expect(printed).not.toContain('answer of');
  await expect(warehouse.query('select nope from main.completions')).rejects.toThrow(/"nope" not found/);
});

test('several readers of one process share a file; a writer has to wait for them', async () => {
  const path = await filled();
  const [one, other] = await Promise.all([open(path, { readOnly: true }), open(path, { readOnly: true })]);
  expect((await one.query('select count(*) from main.completions')).rows).toEqual([[2n]]);
  await one.close();
  expect((await other.query('select count(*) from main.completions')).rows).toEqual([[2n]]);
  await expect(open(path)).rejects.toThrow(`in use by this process (pid ${process.pid})`);
  const writer = open(path, { waitSeconds: 20 });
  await other.close();
  await (await writer).close();
});
