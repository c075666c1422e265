/** Recorded traffic as a server. The recordings lie beside the checkout and are not part of it. */
import { describe, expect, it } from 'vitest';
import type { NewRow } from '../../src/emulator/explicit.ts';
import type { PresetName } from '../../src/emulator/quirks.ts';
import { EXIT } from '../../src/errors.ts';
import { type Row, readOgxCalls, readOpenAiCalls, unionOfRows } from '../emulator/recordings.ts';
import { corpusLines, hasCorpus } from '../source/support.ts';
import { compare, complete, type House, houseOf, idealRequests } from '../support/house.ts';
import { memberText } from '../support/items.ts';

/** Later than every recording. */
const LATER = 1_795_000_000;
const ALL = ['--since', '1970-01-01'];

async function houseWith(rows: readonly NewRow[], preset: PresetName = 'openai'): Promise<House> {
  const house = await houseOf({ preset });
  house.now = LATER;
  house.emulator.store.add(rows);
  return house;
}

const TABLES = [
  'main.completions',
  'main.completion_usage',
  'main.completion_choices',
  'main.completion_tool_calls',
  'main.completion_metadata',
  'sync.rejected',
  'sync.coverage',
  'sync.checkpoints',
];

/** All tables, but for when and by which run a row was last looked at. */
async function contentOf(house: House): Promise<Record<string, unknown>> {
  const tables: Record<string, unknown> = {};
  for (const table of TABLES) {
    const columns = "columns(c -> c not in ('observed_at', 'last_seen_at', 'run_id', 'updated_at'))";
    tables[table] = await house.query(`select ${columns} from ${table} order by all`);
  }
  return tables;
}

const rawsHeld = async (house: House, table = 'main.completions'): Promise<string[]> =>
  (await house.query(`select raw from ${table}`)).map((row) => String(row['raw']));

describe.skipIf(!hasCorpus)(
  `recorded traffic${hasCorpus ? '' : ' [skipped: the recordings are not beside this checkout]'}`,
  () => {
    it.each([
      ['openai', 20, () => unionOfRows(readOpenAiCalls())],
      ['openai', 100, () => unionOfRows(readOpenAiCalls())],
      ['ogx-1.5', 20, () => unionOfRows(readOgxCalls())],
      ['ogx-1.4', 100, () => unionOfRows(readOgxCalls())],
    ] as const)(
      'what %s listed, %i a page, is loaded whole, and a second look changes nothing',
      async (preset, pageSize, recorded) => {
        const rows: readonly Row[] = [...recorded().values()];
        const house = await houseWith(rows, preset);
        const env = { CONCURRENCY: '1', PAGE_SIZE: String(pageSize) };
        const { code, report } = await house.sync({ args: ALL, env });
        expect(await compare(house)).toEqual(complete(house.emulator));
        expect(code).toBe(EXIT.landed);
        expect(report.requests).toBeLessThanOrEqual(1.2 * idealRequests(rows.length, pageSize) + 3);
        expect((await rawsHeld(house)).sort()).toEqual(rows.map((row) => row.raw).sort());

        const content = await contentOf(house);
        const again = await house.reread({ env });
        expect(again.code).toBe(EXIT.landed);
        expect(again.report).toMatchObject({ rows_inserted: 0, rows_updated: 0, rows_rejected: 0 });
        expect(again.report.rows_read).toBeGreaterThanOrEqual(rows.length);
        expect(await contentOf(house)).toEqual(content);
      },
    );

    it('an OGX list has no usage and no metadata: NULL, not 0', async () => {
      const house = await houseWith([...unionOfRows(readOgxCalls()).values()], 'ogx-1.5');
      await house.sync({ args: ALL });
      expect(
        await house.query(`select count(*) > 0 as rows, count(total_tokens) as tokens, count(metadata) as labels,
          count(input_messages) = count(*) as messages from main.completions join main.completion_usage on completion_id = id`),
      ).toEqual([{ rows: true, tokens: 0n, labels: 0n, messages: true }]);
    });

    it('OGX answers 400 to the id of a deleted row: the walk takes another one and loses nothing', async () => {
      let deleted = 0;
      const rows = [...unionOfRows(readOgxCalls()).values()];
      const house = await houseOf({
        preset: 'ogx-1.5',
        onRequest: (_n, { store }, { query }) => {
          if (deleted < 3 && store.delete(query.get('after') ?? '')) deleted += 1;
        },
      });
      house.now = LATER;
      house.emulator.store.add(rows);
      const { code } = await house.sync({ args: ALL, env: { CONCURRENCY: '1', PAGE_SIZE: '20' } });
      expect(deleted).toBe(3);
      expect(house.emulator.requests.filter(({ status }) => status === 400)).toHaveLength(3);
      expect(code).toBe(EXIT.landed);
      expect(await compare(house)).toMatchObject({ lost: [], twice: 0, falselyProven: [] });
    });
  },
);

/** A member's own text: parsing and writing it again would hide what this is for. */
function memberOf(line: string, key: string): string {
  return memberText(line, key);
}

const UNREADABLE = 'unreadable-';

/** Listings in which no id comes twice, as a list API has it: the n-th holds the n-th distinct text of each id. */
function listingsOf(raws: Iterable<string>): NewRow[][] {
  const listings: NewRow[][] = [];
  const met = new Map<string, number>();
  let unreadable = 0;
  for (const raw of raws) {
    const { id, created } = JSON.parse(raw) as { id: unknown; created: unknown };
    const isReadable = typeof id === 'string' && id !== '' && typeof created === 'number';
    const key = isReadable ? id : `${UNREADABLE}${++unreadable}`;
    const nth = met.get(key) ?? 0;
    met.set(key, nth + 1);
    listings[nth] ??= [];
    listings[nth].push({ id: key, created: typeof created === 'number' ? created : 0, raw });
  }
  return listings;
}

const keyOf = (raw: string): string => {
  const { id, created } = JSON.parse(raw) as { id: unknown; created: unknown };
  return JSON.stringify([id, created]);
};

describe.skipIf(!hasCorpus)(
  `recorded completions of many servers${hasCorpus ? '' : ' [skipped: the recordings are not beside this checkout]'}`,
  () => {
    it('each text is loaded or rejected as it came; one that a later listing changed is counted as updated', async () => {
      const raws = new Set(corpusLines('completions.jsonl').map((line) => memberOf(line, 'completion')));
      const listings = listingsOf(raws);
      // 226 of them have `created` 0: a cursor that goes on inside a second reads that one too.
      const house = await houseOf({ quirks: { cursor: 'exact', ties: 'id' } });
      house.now = LATER;
      const expected = new Map<string, string>();
      const rejected = new Set<string>();
      for (const listing of listings) {
        house.emulator.store.add(listing);
        house.now += 60;
        const { code, report } = await house.reread();
        let superseded = 0;
        for (const { id, raw = '' } of listing) {
          if (id.startsWith(UNREADABLE)) rejected.add(raw);
          else {
            if (expected.has(keyOf(raw))) superseded += 1;
            expected.set(keyOf(raw), raw);
          }
        }
        expect(report.rows_updated).toBe(superseded);
        expect(code).toBe(report.rows_rejected > 0 ? EXIT.unproven : EXIT.landed);
      }
      const [loaded, refused] = [await rawsHeld(house), await rawsHeld(house, 'sync.rejected')];
      expect([loaded.length, refused.length]).toEqual([expected.size, rejected.size]);
      expect(new Set(expected.values()).symmetricDifference(new Set(loaded))).toEqual(new Set());
      expect(rejected.symmetricDifference(new Set(refused))).toEqual(new Set());
      expect(expected.size + rejected.size).toBeGreaterThan(3_000);
      expect(await house.query("select count(*) as n from sync.rejected where reason = ''")).toEqual([
        { n: 0n },
      ]);
    });

    it('what only looks like a completion is rejected with a reason, beside a row that is loaded', async () => {
      const bodies = corpusLines('near_misses.jsonl').map((line) => memberOf(line, 'body'));
      const [listing = [], ...others] = listingsOf(new Set(bodies));
      expect(others).toEqual([]);
      const house = await houseWith([...listing, { id: 'good', created: LATER - 86_400 }]);
      const { code, report } = await house.sync({ args: ALL });
      expect(code).toBe(EXIT.unproven);
      expect(report).toMatchObject({ rows_inserted: 1, rows_rejected: listing.length });
      expect((await rawsHeld(house, 'sync.rejected')).sort()).toEqual([...new Set(bodies)].sort());
      const reasons = await house.query('select distinct reason from sync.rejected order by all');
      for (const { reason } of reasons) expect(reason).toMatch(/\b(id|created|object|model|choices)\b/);
    });
  },
);
