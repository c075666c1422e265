/** `tokenhouse prices`, on real files. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPrices } from '../../src/analytics/price-files.ts';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { type Price, TOKEN_TYPES } from '../../src/analytics/prices.ts';
import { writeCsv } from '../../src/cli/output.ts';
import { noteFailedImport } from '../../src/run/failed-import.ts';
import { load, usage } from '../analytics/support.ts';
import { TextSink } from '../support/streams.ts';
import { open, rows, temporaryWarehouse } from '../warehouse/support.ts';
import { run as program } from './support.ts';

const at = (text: string): number => Date.parse(text) / 1000;

/** A call a day of a million tokens of a model that no list knows, and one of a tier that is prepaid. */
async function house() {
  const path = await temporaryWarehouse('priced');
  const warehouse = await open(path, { prices: priceParts(null) });
  await load(warehouse, {
    now: '2026-11-20T02:00:00Z',
    covered: [['2026-11-01T00:00:00Z', '2026-11-20T01:30:00Z']],
    made: [
      ...['12', '14', '16', '18'].map((day) => ({
        id: `gpt-9 ${day}`,
        at: `2026-11-${day}T08:00:00Z`,
        model: 'gpt-9-2026-11-01',
        usage: usage(1_000_000, 0),
      })),
      { id: 'prepaid', at: '2026-11-18T08:00:00Z', tier: 'scale', usage: usage(1_000_000, 0) },
    ],
  });
  await warehouse.close();
  const list = join(dirname(path), 'list.json');
  return {
    path,
    list,
    /** A list as LiteLLM's, of one model; US dollars a million tokens. */
    write: (usd: number, more: object = {}) =>
      writeFileSync(
        list,
        JSON.stringify({
          'gpt-9-2026-11-01': {
            litellm_provider: 'openai',
            mode: 'chat',
            input_cost_per_token: usd / 1_000_000,
            search_context_cost_per_query: { search_context_size_low: 0.01 },
            ...more,
          },
        }),
      ),
    run: (day: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      program(['--warehouse', path, ...args], { now: at(`2026-11-${day}T12:00:00Z`), env }),
  };
}

type House = Awaited<ReturnType<typeof house>>;

/** What each day's call cost, of the file itself. */
async function paid(path: string) {
  await using warehouse = await open(path, { readOnly: true });
  const found = await rows(
    warehouse,
    `select list_cost_usd::double as usd from marts.completions where model = 'gpt-9-2026-11-01' order by created_at`,
  );
  return found.map(({ usd }) => usd);
}

async function imported({ run, list }: House, day: string, flags: readonly string[] = []) {
  const { code, stdout, stderr } = await run(day, ['prices', 'import', list, '--json', ...flags]);
  expect([code, stderr]).toEqual([0, '']);
  const { new: added, changed, same, changes, skipped, publish } = JSON.parse(stdout);
  return { added, changed, same, changes, skipped, publish };
}

test('an import holds from its day on, a later one from its own, and only --from changes days before', async () => {
  const here = await house();
  const { path, run } = here;
  const copy = path.replace(/\.duckdb$/, '.published.duckdb');
  here.write(2);
  const dry = await imported(here, '14', ['--dry-run']);
  expect(dry).toMatchObject({ added: 1, changed: 0, publish: 'off' });
  expect(dry.changes).toEqual([
    {
      change: 'new',
      model: 'gpt-9-2026-11-01',
      service_tier: 'default',
      token_type: 'input',
      min_input_tokens: 0,
      valid_from: '2026-11-14',
      usd_per_mtok_before: null,
      usd_per_mtok: '2',
    },
  ]);
  expect(await paid(path)).toEqual([null, null, null, null]);

  const first = await imported(here, '14');
  expect(first).toEqual({ ...dry, publish: 'published' });
  expect(first.skipped).toEqual([{ reason: 'fee', what: 'prices', count: 1, names: [] }]);
  expect(await paid(path)).toEqual([null, 2, 2, 2]);
  expect(await paid(copy)).toEqual([null, 2, 2, 2]);

  here.write(3);
  expect(await imported(here, '18')).toMatchObject({ added: 0, changed: 1, same: 0, publish: 'published' });
  expect(await paid(path)).toEqual([null, 2, 2, 3]);
  // The same once more changes nothing, and is not published.
  expect(await imported(here, '20')).toMatchObject({ added: 0, changed: 0, same: 1, publish: 'off' });

  // A run of a program with another list, and a backup that is put back, keep them.
  const listed = async (file: string) => {
    const { stdout } = await program([
      '--warehouse',
      file,
      'prices',
      'list',
      'gpt-9-2026-11-01',
      '--json',
      '--live',
    ]);
    const named = (JSON.parse(stdout) as Record<string, unknown>[]).filter(
      (row) => row['is_assumed'] !== true,
    );
    return named.map((row) => [
      row['usd_per_mtok'],
      row['valid_from'],
      row['valid_to'],
      row['source'],
      row['source_version'],
    ]);
  };
  const expected = [
    ['2', '2026-11-14', '2026-11-18', 'imported', 'litellm 2026-11-14'],
    ['3', '2026-11-18', null, 'imported', 'litellm 2026-11-18'],
  ];
  expect(await listed(path)).toEqual(expected);
  const [shipped] = priceParts(null);
  await (await open(path, { prices: [{ part: 'list prices', rows: shipped?.rows.slice(1) ?? [] }] })).close();
  expect(await listed(path)).toEqual(expected);
  const [backup, restored] = [join(dirname(path), 'backup.duckdb'), join(dirname(path), 'restored.duckdb')];
  expect((await run('20', ['backup', '--to', backup])).code).toBe(0);
  expect((await program(['--warehouse', restored, 'restore', backup])).code).toBe(0);
  expect(await listed(restored)).toEqual(expected);

  // Taken back from a day on, and wholly.
  const forget = async (...flags: string[]) => {
    const { code, stdout } = await run('20', ['prices', 'forget', '--json', ...flags]);
    return [code, JSON.parse(stdout)];
  };
  expect(await forget('--from', '2026-11-16')).toEqual([
    0,
    // The first price ends two days earlier, the second one goes.
    { rows_ended: 2, publish: 'published', publish_error: null },
  ]);
  expect(await paid(path)).toEqual([null, 2, null, null]);
  expect(await imported(here, '20', ['--from', '2026-11-01'])).toMatchObject({ added: 1, changed: 0 });
  expect(await paid(path)).toEqual([3, 3, 3, 3]);
  expect(await forget('--all')).toMatchObject([0, { rows_ended: 1 }]);
  expect(await forget('--all')).toMatchObject([0, { rows_ended: 0, publish: 'off' }]);
  expect(await paid(copy)).toEqual([null, null, null, null]);
  expect((await run('20', ['prices', 'forget'])).code).toBe(2);
});

test('a list that is none ends in one line, and nothing is changed', async () => {
  const here = await house();
  here.write(2);
  await imported(here, '14');
  writeFileSync(here.list, '<html>');
  const { code, stdout, stderr } = await here.run('15', ['prices', 'import', here.list]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^tokenhouse: \S+list\.json is none of the price lists that can be read: .*\n$/);
  expect(await paid(here.path)).toEqual([null, 2, 2, 2]);
  const nowhere = join(dirname(here.path), 'nowhere.duckdb');
  const missing = await program(['--warehouse', nowhere, 'prices', 'import', here.list]);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/there is no warehouse at /)]);
  expect(existsSync(nowhere)).toBe(false);
  const unnamed = await here.run('15', ['prices', 'import']);
  expect([unnamed.code, unnamed.stderr]).toEqual([2, expect.stringMatching(/set PRICES_URL/)]);
  const never = await here.run('15', ['prices', 'import', here.list, '--from', '2026-02-30']);
  expect([never.code, never.stderr]).toEqual([2, expect.stringMatching(/must be a day as yyyy-mm-dd/)]);
});

test('check: what is used and unpriced, the age of the lists, and an exit code for each', async () => {
  const here = await house();
  const check = async (flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
    const { code, stdout } = await here.run('20', ['prices', 'check', '--json', ...flags], env);
    const { check: what, exit_code, reasons, unpriced, lists, imported_at } = JSON.parse(stdout);
    expect(exit_code).toBe(code);
    const counted = unpriced.map((row: Record<string, unknown>) => [
      row['model'],
      row['tokens'],
      row['reason'],
      row['counts'],
    ]);
    return { code, what, reasons, counted, lists, imported_at };
  };
  // From 14 to 20 November the model was called three times.
  expect(await check()).toMatchObject({
    code: 2,
    what: 'unpriced',
    reasons: ['3,000,000 tokens of 1 model since 2026-11-14 have no price'],
    counted: [
      ['gpt-9-2026-11-01', 3_000_000, 'unknown model', true],
      ['gpt-4.1-2025-04-14', 1_000_000, 'prepaid tier', false],
    ],
    imported_at: null,
  });
  const nightly = { PRICES_URL: 'https://prices.example/list.json' };
  expect((await check([], nightly)).reasons[1]).toBe('no price list was ever imported');
  here.write(2);
  await imported(here, '19', ['--from', '2026-11-14']);
  const well = await check();
  expect(well).toMatchObject({ code: 0, what: 'ok', reasons: [], imported_at: '2026-11-19T12:00:00Z' });
  expect(well.lists.map((row: Record<string, unknown>) => row['source'])).toEqual([
    'imported',
    'overlay',
    'genai-prices',
  ]);
  expect(well.lists[0]).toEqual({
    source: 'imported',
    source_version: 'litellm 2026-11-19',
    prices: 1,
    models: 1,
  });
  // A day before the import.
  expect(await check(['--days', '9'])).toMatchObject({
    code: 2,
    counted: [
      ['gpt-4.1-2025-04-14', 1_000_000, 'prepaid tier', false],
      ['gpt-9-2026-11-01', 1_000_000, 'no price for the token type or day', true],
    ],
  });

  expect(await check(['--max-age', '0'])).toMatchObject({
    code: 1,
    what: 'stale',
    reasons: ['the last import is 1 day old'],
  });
  expect(await check([], nightly)).toMatchObject({ code: 0 });
  await noteFailedImport(here.path, {
    triedAtMs: at('2026-11-20T01:47:00Z') * 1000,
    reason: 'the list is away',
  });
  expect(await check([], nightly)).toMatchObject({
    code: 1,
    reasons: ['the import of 2026-11-20 01:47:00Z failed: the list is away'],
  });
  // One that succeeds takes it back.
  await imported(here, '20');
  expect(await check([], nightly)).toMatchObject({ code: 0 });

  const said = await here.run('20', ['prices', 'check', '--days', '9']);
  expect(said.stdout).toMatch(
    /unpriced: 1,000,000 tokens of 1 model since 2026-11-12 have no price\n.*--from 2026-11-12/,
  );
  expect((await here.run('20', ['prices', 'check', '--dyas', '9'])).code).toBe(4);
  const unknown = await program(['--warehouse', `${here.path}.none`, 'prices', 'check', '--json']);
  expect([unknown.code, JSON.parse(unknown.stdout)]).toMatchObject([4, { check: 'unknown', exit_code: 4 }]);
});

test('the list names every price in force, under an alias too, and the export is imported without a change', async () => {
  const here = await house();
  here.write(2, { input_cost_per_token_above_272k_tokens: 4e-6 });
  await imported(here, '14');
  const text = (await here.run('20', ['prices', 'list', 'gpt-9-2026-11-01'])).stdout;
  expect(text).toMatch(/gpt-9-2026-11-01 +default +input +2 +2026-11-14 +imported litellm 2026-11-14\n/);
  expect(text).toMatch(/gpt-9-2026-11-01 +default +input +272,001 +4 +2026-11-14/);
  // No list has this date of it.
  const dated = (await here.run('20', ['prices', 'list', 'gpt-4.1-2031-01-01', '--csv'])).stdout.split('\n');
  expect(dated[0]).toBe(
    'model,service_tier,token_type,min_input_tokens,valid_from,valid_to,usd_per_mtok,source,source_version,priced_as,is_assumed',
  );
  expect(dated.find((line) => line.startsWith('gpt-4.1-2031-01-01,default,output,'))).toMatch(
    /,8,genai-prices,[\d.]+,gpt-4\.1,false$/,
  );
  const part = (await here.run('20', ['prices', 'list', 'pt-9', '--json'])).stdout;
  const listed = JSON.parse(part) as readonly { token_type: string; is_assumed: boolean }[];
  expect(listed.filter((one) => !one.is_assumed).map((one) => one.token_type)).toEqual(['input', 'input']);
  // Caching at the price of input, of both sizes.
  expect(listed.filter((one) => one.is_assumed)).toHaveLength(4);
  expect(text).toMatch(/gpt-9-2026-11-01 +default +input_cached +2 +2026-11-14 +assumed, as input\n/);
  const none = await here.run('20', ['prices', 'list', 'nobody-knows']);
  expect([none.code, none.stderr]).toEqual([
    1,
    expect.stringMatching(/no list that is held has a price of nobody-knows/),
  ]);

  const { stdout: csv } = await here.run('20', ['prices', 'export']);
  const exported = readPrices(csv);
  expect(
    exported.filter(({ model }) => model === 'gpt-9-2026-11-01').map(({ usdPerMtok }) => usdPerMtok),
  ).toEqual(['2', '4']);
  writeFileSync(here.list, csv);
  const before = await paid(here.path);
  expect(await imported(here, '20', ['--from', '2000-01-01'])).toMatchObject({
    added: 0,
    changed: 0,
    same: exported.length,
  });
  expect(await paid(here.path)).toEqual(before);
  const again = readPrices((await here.run('20', ['prices', 'export', '--source', 'imported'])).stdout);
  expect(again).toHaveLength(exported.length);
});

test('prices written as CSV are read back as they were', async () => {
  const anyDay = fc
    .integer({ min: 0, max: 900 })
    .map((days) => new Date(Date.UTC(2025, 0, 1) + days * 86_400_000).toISOString().slice(0, 10));
  const anyPrice = fc
    .record({
      // Names that a spreadsheet would run, and those that need quotes.
      model: fc.constantFrom('gpt-9', '=1+1', '-9', '+x', '@y', "'=z", 'a,b', 'ft:gpt-9', 'x y'),
      serviceTier: fc.constantFrom('default', 'flex'),
      tokenType: fc.constantFrom(...TOKEN_TYPES),
      minInputTokens: fc.constantFrom(0, 272_001),
      days: fc.uniqueArray(fc.option(anyDay), { minLength: 2, maxLength: 2 }),
      usdPerMtok: fc.option(
        fc
          .integer({ min: 0, max: 9_999_999_999 })
          .map((micros) => (micros / 1e6).toFixed(6).replace(/\.?0+$/, '') || '0'),
      ),
      note: fc.string({ maxLength: 12 }).map((text) => text.replace(/[\p{C}]/gu, '').trim()),
    })
    .map(({ days, ...rest }): Price => {
      const [validFrom = null, validTo = null] = days.toSorted((a, b) => (a ?? '').localeCompare(b ?? ''));
      return validTo === null ? { ...rest, validFrom: null, validTo: null } : { ...rest, validFrom, validTo };
    });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(anyPrice, {
        maxLength: 6,
        selector: (one) => JSON.stringify([one.model, one.serviceTier, one.tokenType, one.minInputTokens]),
      }),
      async (prices) => {
        const sink = new TextSink();
        const objects = prices.map((one) => ({
          model: one.model,
          service_tier: one.serviceTier,
          token_type: one.tokenType,
          min_input_tokens: one.minInputTokens,
          valid_from: one.validFrom,
          valid_to: one.validTo,
          usd_per_mtok: one.usdPerMtok,
          note: one.note,
        }));
        const columns = [
          'model',
          'service_tier',
          'token_type',
          'min_input_tokens',
          'valid_from',
          'valid_to',
          'usd_per_mtok',
          'note',
        ];
        await writeCsv(sink, columns, objects);
        expect(readPrices(sink.text)).toEqual(prices);
      },
    ),
  );
});
