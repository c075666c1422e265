import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { type Message, unixSeconds } from '../../src/sync/ports.ts';
import type { PublishedMart } from '../../src/warehouse/publish/publication.ts';
import { PUBLISHED_TABLES } from '../../src/warehouse/publish/published-tables.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { contents, inode, publishBeside, publishedPath, REAL_MARTS, readCopy, SPARE } from './publishing.ts';
import {
  batch,
  completion,
  completionId,
  observe,
  open,
  range,
  startRun,
  T0,
  temporaryWarehouse,
} from './support.ts';

const DAY = 86_400;

/** Marts of our own: one of a day's rows, one with a map, one over the first, one of a completion's rows and one made of that. */
const MARTS: readonly PublishedMart[] = [
  {
    name: 'by_day',
    dayColumn: 'created_date',
    isPerCompletion: false,
    sql: `create view marts.by_day as select (created_at at time zone 'UTC')::date as created_date, model, count(*) as n,
        sum(total_tokens) as tokens from main.completion_usage group by all;
      comment on view marts.by_day is 'Tokens by day.';
      comment on column marts.by_day.n is 'How many.'`,
  },
  {
    name: 'tagged',
    dayColumn: 'created_date',
    isPerCompletion: false,
    sql: `create view marts.tagged as select (created_at at time zone 'UTC')::date as created_date, completion_id,
        map_from_entries(list((key, value) order by key)) as tags from main.completion_metadata group by all`,
  },
  {
    name: 'totals',
    dayColumn: null,
    isPerCompletion: false,
    sql: `create view marts.totals as select sum(n)::bigint as n, sum(tokens) as tokens from marts.by_day;
      comment on view marts.totals is 'Tokens of all days.'`,
  },
  {
    name: 'each',
    dayColumn: 'created_date',
    isPerCompletion: true,
    sql: `create view marts.each as select created_at, (created_at at time zone 'UTC')::date as created_date, completion_id,
        model, total_tokens from main.completion_usage`,
  },
  {
    name: 'most_by_day',
    dayColumn: 'created_date',
    isPerCompletion: false,
    sql: `create view marts.most_by_day as select created_date, max(total_tokens) as tokens, count(*) as n
        from marts.each group by created_date`,
  },
];

async function withMarts(path: string): Promise<WarehouseFile> {
  const warehouse = await open(path);
  for (const { sql } of MARTS) await warehouse.query(sql);
  return warehouse;
}

const message = (id: string, created: number, index: number, text: string): Message => ({
  completionId: completionId(id),
  completionCreatedAt: unixSeconds(created),
  index,
  raw: JSON.stringify({ id: `${id}-${index}`, role: 'user', content: text }),
  body: { id: `${id}-${index}`, role: 'user', content: text },
});

test('after any loads, updates and re-reads the copy equals one made as a whole, table by table', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await withMarts(path);
  const item = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    version: fc.integer({ min: 0, max: 3 }),
    at: fc.integer({ min: 1, max: 100 }),
  });
  const step = fc.record({
    items: fc.array(item, { maxLength: 5 }),
    messages: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
    publishes: fc.boolean(),
    sliceCompletions: fc.constantFrom(1, 2, 1_000),
    spares: fc.boolean(),
  });
  // Two of a day, three days apart.
  const dayOf = (id: string): number => {
    const place = id.charCodeAt(0) - 97;
    return T0 + Math.floor(place / 2) * 3 * DAY + (place % 2);
  };
  let now = T0 * 1000;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      for (const { items, messages, publishes, sliceCompletions, spares } of steps) {
        now += 60_000;
        const runId = await startRun(warehouse);
        await warehouse.load(
          batch(runId, {
            items: items.map(({ id, version, at }) =>
              observe(completion(id, dayOf(id), { metadata: { version: String(version) } }), now + at),
            ),
            messages: messages.map((id) => message(id, dayOf(id), 0, `text at ${now}`)),
            covered: [range(T0, T0 + 10)],
          }),
        );
        const spare = spares ? { ...SPARE, nowMs: Date.now } : {};
        if (publishes)
          await publishBeside(path, { marts: MARTS, sliceCompletions, nowMs: () => now, ...spare });
      }
      const last = await publishBeside(path, { marts: MARTS, nowMs: () => now });
      const grown = await contents(publishedPath(path));
      const to = path.replace('.duckdb', '.whole.duckdb');
      await publishBeside(path, { to, marts: MARTS, whole: true });
      expect(grown).toEqual(await contents(to));
      expect(last.wholeBecause).toSatisfy((why) => why === null || why === 'there was none');
    }),
    { numRuns: 6 },
  );
}, 120_000);

async function filledAt(path: string, ids: readonly string[], created = T0): Promise<void> {
  const warehouse = await open(path);
  const runId = await startRun(warehouse);
  await warehouse.load(batch(runId, { items: ids.map((id) => observe(completion(id, created))) }));
  await warehouse.close();
}

async function filled(...ids: readonly string[]): Promise<string> {
  const path = await temporaryWarehouse();
  await filledAt(path, ids);
  return path;
}

test('the marts of this program say in a copy without text what they say in the warehouse, however it was made', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await open(path, { prices: priceParts(null) });
  const models = ['gpt-4.1-2025-04-14', 'o3-2025-04-16', 'unheard-of', 'gpt-4o-mini-2024-07-18'];
  const load = async (from: number, to: number, version: number): Promise<void> => {
    const items = Array.from({ length: to - from }, (_, index) => {
      const n = from + index;
      return observe(
        completion(`c-${n}`, T0 + n * 7_200, {
          model: models[n % models.length],
          service_tier: n % 3 === 0 ? 'flex' : 'default',
          metadata: n % 5 === 0 ? {} : { team: `team-${n % 3}`, version: String(version) },
          usage: {
            prompt_tokens: 1_000 + n,
            completion_tokens: 100 + n,
            total_tokens: 1_100 + 2 * n,
            prompt_tokens_details: { cached_tokens: n % 2 === 0 ? 500 : 0 },
            completion_tokens_details: { reasoning_tokens: 10 },
          },
          choices: [
            {
              index: 0,
              finish_reason: n % 4 === 0 ? 'length' : 'tool_calls',
              message: {
                role: 'assistant',
                content: null,
                refusal: n % 7 === 0 ? 'no' : null,
                tool_calls: [
                  { id: 't', type: 'function', function: { name: `f-${n % 3}`, arguments: '{}' } },
                ],
              },
            },
          ],
        }),
        (T0 + 90 * DAY + version) * 1000,
      );
    });
    await warehouse.load(batch(await startRun(warehouse), { items, covered: [range(T0, T0 + to * 7_200)] }));
  };
  await load(0, 300, 1);
  // Each binds every mart.
  const sliceCompletions = 23;
  await publishBeside(path, { marts: REAL_MARTS, sliceCompletions });
  await load(280, 330, 1);
  await load(100, 104, 2);
  expect((await publishBeside(path, { marts: REAL_MARTS, sliceCompletions })).wholeBecause).toBeNull();
  const to = path.replace('.duckdb', '.whole.duckdb');
  await publishBeside(path, { to, marts: REAL_MARTS, whole: true });
  await warehouse.close();
  const [grown, whole, held] = [
    await contents(publishedPath(path), 'marts'),
    await contents(to, 'marts'),
    await contents(path, 'marts'),
  ];
  expect(Object.keys(held).length).toBeGreaterThan(20);
  for (const mart of Object.keys(held)) {
    expect({ [mart]: rounded(grown[mart]) }).toEqual({ [mart]: rounded(whole[mart]) });
    expect({ [mart]: rounded(grown[mart]) }).toEqual({ [mart]: rounded(held[mart]) });
  }
});

/** Sums of DOUBLEs differ in their last digit with the order of the rows. */
const rounded = (rows: readonly string[] | undefined) =>
  rows?.map((row) => row.replace(/\d+\.\d{6,}(e-?\d+)?/g, (text) => Number(text).toPrecision(9)));

const COUNT = 'select count(*) from main.completions';
const others = async (path: string) =>
  (await readdir(dirname(path))).filter((name) => !basename(path).includes(name));

test('tables, marts, comments and types are those of the warehouse; day marts are tables, the others views', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await withMarts(path);
  await warehouse.load(batch(await startRun(warehouse), { items: [observe(completion('a', T0))] }));
  await warehouse.close();
  await publishBeside(path, { marts: [...REAL_MARTS, ...MARTS], publishedContent: 'full' });
  const shape = `select schema_name, table_name, column_name, data_type, comment from duckdb_columns()
    where database_name = 'dest' and not internal and table_name <> 'publication' order by all`;
  expect(await readCopy(publishedPath(path), shape)).toEqual(await readCopy(path, shape));
  const views = `select view_name from duckdb_views() where database_name = 'dest'
    and view_name in ('by_day', 'totals', 'completions', 'usage_daily') order by all`;
  expect(await readCopy(publishedPath(path), views)).toEqual([['totals'], ['usage_daily']]);
  expect(
    await readCopy(publishedPath(path), "select comment from duckdb_tables() where table_name = 'by_day'"),
  ).toEqual([['Tokens by day.']]);
  expect(await contents(publishedPath(path))).toEqual(await contents(path));
});

test('any client that opens the file itself finds views that work', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await withMarts(path);
  await warehouse.load(batch(await startRun(warehouse), { items: [observe(completion('a', T0))] }));
  await warehouse.close();
  await publishBeside(path, { marts: MARTS });
  const instance = await DuckDBInstance.create(publishedPath(path), { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  expect((await connection.runAndReadAll('select n::integer from marts.totals')).getRows()).toEqual([[1]]);
  connection.closeSync();
  instance.closeSync();
});

test('only the days that changed are copied, those before stay as they were', async () => {
  const path = await filled('a');
  await publishBeside(path);
  await filledAt(path, ['b'], T0 + DAY);
  expect(await publishBeside(path)).toMatchObject({ days: 1, completions: 1, wholeBecause: null });
  expect(await publishBeside(path)).toMatchObject({ days: 0, completions: 0, wholeBecause: null });
  expect(await readCopy(publishedPath(path), COUNT)).toEqual([[2n]]);
});

test('of a day only what changed is copied, from its first row to its last, and its marts are those of the whole day', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await withMarts(path);
  const load = async (team: string, ...rows: readonly (readonly [id: string, second: number])[]) =>
    warehouse.load(
      batch(await startRun(warehouse), {
        items: rows.map(([id, second]) =>
          observe(completion(id, T0 + second, { metadata: { team } }), (T0 + (team === 'x' ? 0 : 9)) * 1000),
        ),
      }),
    );
  await load('x', ['a', 0], ['b', 100], ['c', 200], ['d', 300], ['e', 400]);
  await publishBeside(path, { marts: MARTS });
  // Two commits, the later one of older rows.
  await load('y', ['d', 300], ['new', 310]);
  await load('y', ['b', 100]);
  expect(await publishBeside(path, { marts: MARTS })).toMatchObject({
    days: 1,
    completions: 4,
    wholeBecause: null,
  });
  const to = path.replace('.duckdb', '.whole.duckdb');
  await publishBeside(path, { to, marts: MARTS, whole: true });
  expect(await contents(publishedPath(path))).toEqual(await contents(to));
  await warehouse.close();
});

test.each([
  [
    'a mart more',
    {
      marts: [
        {
          name: 'extra',
          dayColumn: null,
          isPerCompletion: false,
          sql: 'create view marts.extra as select 1 as one',
        },
      ],
    },
    /marts, prices/,
  ],
  ['with text now', { publishedContent: 'full' }, /PUBLISH_CONTENT/],
  ['asked for', { whole: true }, /asked for/],
] as const)('it is made as a whole: %s', async (_, options, because) => {
  const path = await filled('a');
  const warehouse = await open(path);
  await warehouse.query(
    'create schema if not exists marts; create or replace view marts.extra as select 1 as one',
  );
  await warehouse.close();
  await publishBeside(path);
  expect((await publishBeside(path, options)).wholeBecause).toMatch(because);
});

test('a backup put back makes it anew, however many commits came since', async () => {
  const path = await filled('a');
  await copyFile(path, `${path}.backup`);
  await filledAt(path, ['lost'], T0 + DAY);
  await publishBeside(path);
  await copyFile(`${path}.backup`, path);
  for (const id of ['b', 'c', 'd']) await filledAt(path, [id], T0 + 2 * DAY);
  expect((await publishBeside(path)).wholeBecause).toMatch(/another warehouse/);
  expect(await readCopy(publishedPath(path), 'select id from main.completions order by id')).toEqual(
    ['a', 'b', 'c', 'd'].map((id) => [id]),
  );
});

test('another warehouse makes it anew', async () => {
  const path = await filled('a');
  await publishBeside(path);
  const other = await filled('b');
  await filledAt(other, ['c'], T0 + DAY);
  expect((await publishBeside(other, { to: publishedPath(path) })).wholeBecause).toMatch(/another warehouse/);
  expect(await readCopy(publishedPath(path), 'select id from main.completions order by id')).toEqual([
    ['b'],
    ['c'],
  ]);
});

test('what is no copy of ours is refused and stays as it is', async () => {
  const path = await filled('a');
  const to = publishedPath(path);
  await writeFile(to, 'a letter to somebody, longer than a header');
  await expect(publishBeside(path)).rejects.toThrow(/PUBLISH_TO/);
  expect(await readFile(to, 'utf8')).toContain('a letter');

  const foreign = join(dirname(path), 'foreign.duckdb');
  const instance = await DuckDBInstance.create(foreign);
  const connection = await instance.connect();
  await connection.run('create table mine as select 42 as answer');
  connection.closeSync();
  instance.closeSync();
  const before = await readFile(foreign);
  await expect(publishBeside(path, { to: foreign })).rejects.toThrow(
    /no published copy: nothing was changed.*PUBLISH_TO/,
  );
  await expect(publishBeside(path, { to: foreign, whole: true })).rejects.toThrow(/no published copy/);
  expect(await readFile(foreign)).toEqual(before);

  const warehouse = await filled('w');
  await expect(publishBeside(path, { to: warehouse })).rejects.toThrow(
    /is a database, and no published copy/,
  );
  await expect(publishBeside(path, { to: path })).rejects.toThrow(/is the warehouse itself/);
  await symlink(path, `${path}.link`);
  await expect(publishBeside(path, { to: `${path}.link` })).rejects.toThrow(/is the warehouse itself/);
  await mkdir(`${path}.folder`);
  await expect(publishBeside(path, { to: `${path}.folder` })).rejects.toThrow(/is a folder.*PUBLISH_TO/);
  await expect(publishBeside(path, { to: join(dirname(path), 'no/such/x.duckdb') })).rejects.toThrow(
    /folder that does not exist.*PUBLISH_TO/,
  );
  expect((await others(path)).filter((name) => name.includes('.new-'))).toEqual([]);
});

test('an empty file and a damaged copy are replaced', async () => {
  const path = await filled('a');
  const to = publishedPath(path);
  await writeFile(to, '');
  await publishBeside(path);
  expect(await readCopy(to, COUNT)).toEqual([[1n]]);
  const { size } = await stat(to);
  for (const bytes of [size - 300_000, 10_000]) {
    await truncate(to, bytes);
    await publishBeside(path);
    expect(await readCopy(to, COUNT)).toEqual([[1n]]);
  }
});

test('a link stays, what it leads to is replaced, and permissions are taken over', async () => {
  const path = await filled('a');
  const folder = join(dirname(path), 'bi');
  await mkdir(folder);
  const file = join(folder, 'copy.duckdb');
  await symlink(file, join(dirname(path), 'link.duckdb'));
  const to = join(dirname(path), 'link.duckdb');
  expect((await publishBeside(path, { to })).path).toBe(file);
  await chmod(file, 0o640);
  const before = await inode(file);
  await filledAt(path, ['b']);
  await publishBeside(path, { to });
  expect(await inode(file)).not.toBe(before);
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect(await readdir(folder)).toEqual(['copy.duckdb']);
  expect(await readCopy(to, COUNT)).toEqual([[2n]]);
});

test('nobody writes to a published copy by taking it for a warehouse', async () => {
  const path = await filled('a');
  await publishBeside(path);
  await expect(open(publishedPath(path))).rejects.toThrow(/is the published copy of a warehouse.*WAREHOUSE/);
});

test('every table and column of the warehouse is either published or known to be left out', async () => {
  const path = await filled('a');
  const columns = await readCopy(
    path,
    `select schema_name || '.' || table_name, column_name from duckdb_columns()
     where database_name = 'dest' and not internal and schema_name in ('main', 'sync') and data_type in ('VARCHAR', 'JSON')
       and table_name in ('completions', 'completion_usage', 'completion_choices', 'completion_tool_calls',
         'completion_metadata', 'completion_messages')`,
  );
  // Ids, labels and names of things. Whoever adds a column decides here whether it may hold what people wrote.
  const harmless = new Set(
    (
      'source id completion_id model service_tier request_id input_user metadata system_fingerprint object raw_hash ' +
      'synced_run_id finish_reason role tool_call_id type key value message_id'
    ).split(' '),
  );
  const undecided = columns.filter(([table, column]) => {
    const published = PUBLISHED_TABLES.find(({ schema, name }) => `${schema}.${name}` === table);
    const isName = table === 'main.completion_tool_calls' && column === 'name';
    return !isName && !harmless.has(String(column)) && published?.text[String(column)] === undefined;
  });
  expect(undecided).toEqual([]);
  const tables = await readCopy(
    path,
    `select schema_name || '.' || table_name from duckdb_tables() where database_name = 'dest' and schema_name in ('main', 'sync')`,
  );
  const known = PUBLISHED_TABLES.map(({ schema, name }) => `${schema}.${name}`);
  expect(tables.flat().filter((table) => !known.includes(String(table)))).toEqual([]);
});

test('two publishers at once take turns, beside a run that goes on loading', async () => {
  const path = await filled('a');
  const warehouse = await open(path);
  const runId = await startRun(warehouse);
  const loads = (async () => {
    for (let index = 0; index < 20; index++) {
      await warehouse.load(batch(runId, { items: [observe(completion(`l-${index}`, T0 + index))] }));
    }
  })();
  const [one, two] = await Promise.all([publishBeside(path), publishBeside(path), loads]);
  expect([one.wholeBecause, two.wholeBecause]).toEqual(['there was none', null]);
  await publishBeside(path);
  expect(await readCopy(publishedPath(path), COUNT)).toEqual([[21n]]);
});

test('stopped in the middle, the old copy stays and the warehouse is free again', async () => {
  const path = await filled('a');
  await publishBeside(path);
  await filledAt(path, ['b']);
  const stop = new AbortController();
  const stopped = publishBeside(path, {
    signal: stop.signal,
    onStep: (step) => {
      if (step === 'copied days') stop.abort(new Error('enough'));
    },
  });
  await expect(stopped).rejects.toThrow('enough');
  expect(await readCopy(publishedPath(path), COUNT)).toEqual([[1n]]);
  expect((await others(path)).filter((name) => name.includes('.new-'))).toEqual([]);
  await publishBeside(path);
  expect(await readCopy(publishedPath(path), COUNT)).toEqual([[2n]]);
});

test('days that lie far apart are copied together, within the least memory that is allowed', async () => {
  const path = await temporaryWarehouse();
  const warehouse = await open(path, { memoryLimit: '128MB' });
  const runId = await startRun(warehouse);
  const days = Array.from({ length: 200 }, (_, place) => T0 + 2 * place * 86_400);
  await warehouse.load(
    batch(runId, { items: days.map((second, place) => observe(completion(`c${place}`, second))) }),
  );
  const steps: string[] = [];
  const published = await publishBeside(path, {
    marts: REAL_MARTS,
    memoryLimit: '128MB',
    onStep: (step) => void steps.push(step),
  });
  expect(published).toMatchObject({ days: 200, completions: 200 });
  expect(steps.filter((step) => step === 'copied days')).toHaveLength(1);
  expect(
    await readCopy(
      publishedPath(path),
      'select count(*), count(distinct created_date) from marts.completions',
    ),
  ).toEqual([[200n, 200n]]);

  // Of two days far apart that change, with unchanged ones between them, all are right.
  const again = (place: number) =>
    observe(completion(`c${place}`, days[place] ?? 0, { model: 'changed' }), T0 * 1000 + 1);
  await warehouse.load(batch(runId, { items: [again(3), again(150)] }));
  await publishBeside(path, { marts: REAL_MARTS, memoryLimit: '128MB' });
  const byDays = await contents(publishedPath(path));
  await publishBeside(path, { marts: REAL_MARTS, whole: true });
  expect(await contents(publishedPath(path))).toEqual(byDays);
});
