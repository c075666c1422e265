/** What the sync relies on in a warehouse: one suite for the one in memory and the one in DuckDB, so that the fake stays honest. */
import { describe, expect, it } from 'vitest';
import { TerminalError } from '../../src/errors.ts';
import { type Batch, type Gap, type RunEnd, unixSeconds, type Warehouse } from '../../src/sync/ports.ts';
import {
  batch,
  completion,
  completionId,
  observe,
  observed,
  range,
  SCOPE,
  SOURCE,
  T0,
} from '../warehouse/batches.ts';

export interface Subject {
  readonly warehouse: Warehouse;
  runStatus(runId: string): Promise<string | undefined>;
  /** Texts of the rows held for the source, in any order. */
  raws(source: string): Promise<readonly string[]>;
  /** Ids of completions found to be deleted at the API, in any order. */
  deletedIds(): Promise<readonly string[]>;
}

const LANDED: RunEnd = { status: 'landed', finishedAtMs: T0 * 1000, unprovenSeconds: 0, error: null };
const NOTHING = { rowsInserted: 0, rowsUpdated: 0, rowsRejected: 0, rowsDeleted: 0 };

const start = ({ warehouse }: Subject, source = SOURCE): Promise<string> =>
  warehouse.startRun({
    source,
    scope: SCOPE,
    kind: 'sync',
    range: range(T0, T0 + 1_000),
    startedAtMs: T0 * 1000,
  });

const gap = (from: number, to: number, over: Partial<Gap> = {}): Gap => ({
  ...range(from, to),
  kind: 'dense',
  rowsSeen: 1,
  rowsMissingEstimate: 2,
  detail: 'tried',
  ...over,
});

export function testWarehouse(name: string, make: () => Promise<Subject>): void {
  /** A warehouse with a run, and a short way to load into it. */
  async function begun() {
    const subject = await make();
    const runId = await start(subject);
    const load = (fields: Partial<Batch>) => subject.warehouse.load(batch(runId, fields));
    return { ...subject, subject, runId, load };
  }

  describe(`${name}: deletions at the API`, () => {
    const at = (second: number) => observe(completion(`at-${second}`, second), T0 * 1000);
    const again = (second: number) => observe(completion(`at-${second}`, second), T0 * 1000 + 5_000);
    const reread = (from: number, to: number, keptFrom = 0) => ({
      sinceMs: T0 * 1000 + 1_000,
      keptFrom: unixSeconds(keptFrom),
      met: [range(from, to)],
    });

    it('a row that a run did not meet in seconds it met whole is noted once, and stays', async () => {
      const { load, deletedIds, raws } = await begun();
      await load({ items: [T0, T0 + 1, T0 + 2, T0 + 3].map(at) });
      // Below, in and above what is read: T0 + 1 and T0 + 2 are, and only T0 + 1 is met again.
      const counts = await load({ items: [again(T0 + 1)], reread: reread(T0 + 1, T0 + 2) });
      expect(counts).toEqual({ ...NOTHING, rowsDeleted: 1 });
      expect(await deletedIds()).toEqual([`at-${T0 + 2}`]);
      expect(await load({ reread: reread(T0 + 1, T0 + 2) })).toEqual(NOTHING);
      expect((await raws(SOURCE)).length).toBe(4);
    });

    it('a row met in an earlier batch of the run is not missing in a later one', async () => {
      const { load, deletedIds } = await begun();
      await load({ items: [at(T0)] });
      await load({ items: [again(T0)] });
      expect(await load({ reread: reread(T0, T0) })).toEqual(NOTHING);
      expect(await deletedIds()).toEqual([]);
    });

    it('old enough to have expired says nothing, and a row that is listed again is back', async () => {
      const { load, deletedIds } = await begun();
      await load({ items: [at(T0), at(T0 + 1)] });
      await load({ reread: reread(T0, T0 + 1, T0 + 1) });
      expect(await deletedIds()).toEqual([`at-${T0 + 1}`]);
      await load({ items: [again(T0 + 1)] });
      expect(await deletedIds()).toEqual([]);
    });

    it('rows listed under another scope, and runs that do not read again, note nothing', async () => {
      const { load, subject, deletedIds } = await begun();
      await load({ items: [at(T0)], covered: [range(T0, T0)] });
      expect(await load({ covered: [range(T0, T0)] })).toEqual(NOTHING);
      const other = await subject.warehouse.startRun({
        source: SOURCE,
        scope: 'another project',
        kind: 'sweep',
        range: range(T0, T0),
        startedAtMs: T0 * 1000,
      });
      await subject.warehouse.load(batch(other, { scope: 'another project', reread: reread(T0, T0) }));
      expect(await deletedIds()).toEqual([]);
    });
  });

  describe(`${name}: rows`, () => {
    it('an empty one knows nothing', async () => {
      const { warehouse } = await make();
      expect(await warehouse.readCoverage(SOURCE, SCOPE)).toEqual([]);
      expect(await warehouse.readGaps(SOURCE, SCOPE)).toEqual([]);
      expect(await warehouse.readCheckpoint(SOURCE)).toBeNull();
      expect(await warehouse.knownRowAbove(SOURCE, unixSeconds(0), 1)).toBeNull();
      expect(await warehouse.knownIdsIn(SOURCE, unixSeconds(T0))).toEqual([]);
      expect(await warehouse.knownSplitValues(SOURCE, 10)).toEqual({ models: [], metadata: [] });
    });

    it('a row is inserted once, the same text again changes nothing, another text updates it', async () => {
      const { load, raws } = await begun();
      const [before, after] = [completion('a', T0), completion('a', T0, { edited: true })];
      expect(await load({ items: [observe(before, 1), observe(completion('b', T0), 1)] })).toEqual({
        ...NOTHING,
        rowsInserted: 2,
      });
      expect(await load({ items: [observe(before, 2)] })).toEqual(NOTHING);
      expect(await load({ items: [observe(after, 3)] })).toEqual({ ...NOTHING, rowsUpdated: 1 });
      expect((await raws(SOURCE)).toSorted()).toEqual(
        [JSON.stringify(after), JSON.stringify(completion('b', T0))].sort(),
      );
    });

    it('an older observation never wins, neither in a later batch nor in the same one', async () => {
      const { load, raws } = await begun();
      const [older, newer] = [completion('a', T0, { n: 1 }), completion('a', T0, { n: 2 })];
      expect(await load({ items: [observe(newer, 9), observe(older, 5)] })).toEqual({
        ...NOTHING,
        rowsInserted: 1,
      });
      expect(await load({ items: [observe(older, 8)] })).toEqual(NOTHING);
      expect(await raws(SOURCE)).toEqual([JSON.stringify(newer)]);
    });

    it('an unchanged text seen later still counts as the newer observation', async () => {
      const { load, raws } = await begun();
      const [kept, stale] = [completion('a', T0, { n: 1 }), completion('a', T0, { n: 2 })];
      await load({ items: [observe(kept, 1)] });
      await load({ items: [observe(kept, 10)] });
      expect(await load({ items: [observe(stale, 5)] })).toEqual(NOTHING);
      expect(await raws(SOURCE)).toEqual([JSON.stringify(kept)]);
    });

    it('of two texts seen at the same moment the same one stays, in whatever order they came', async () => {
      const texts = [1, 2].map((n) => completion('a', T0, { n }));
      const kept = [];
      for (const order of [texts, texts.toReversed()]) {
        const { load, raws } = await begun();
        for (const text of order) await load({ items: [observe(text, 7)] });
        kept.push(await raws(SOURCE));
      }
      expect(kept[0]).toEqual(kept[1]);
    });

    it('the same id at another time, or of another source, is another row', async () => {
      const { load, raws, subject, warehouse } = await begun();
      const other = await start(subject, 'other');
      await load({ items: [observe(completion('a', T0)), observe(completion('a', T0 + 1))] });
      expect(
        await warehouse.load({ ...batch(other), source: 'other', items: [observe(completion('a', T0))] }),
      ).toEqual({ ...NOTHING, rowsInserted: 1 });
      expect(await raws(SOURCE)).toHaveLength(2);
      expect(await raws('other')).toHaveLength(1);
    });

    it('a rejected item is counted once for each distinct text, and is no row', async () => {
      const { load, raws, warehouse } = await begun();
      const [bad, worse] = [observed('{"id":"a"}'), observed('{"id":"b"}')];
      expect(await load({ items: [bad, bad, observe(completion('c', T0))] })).toEqual({
        ...NOTHING,
        rowsInserted: 1,
        rowsUpdated: 0,
        rowsRejected: 1,
      });
      expect(await load({ items: [bad, worse] })).toEqual({ ...NOTHING, rowsRejected: 1, rowsDeleted: 0 });
      expect(await raws(SOURCE)).toHaveLength(1);
      expect(await warehouse.knownIdsIn(SOURCE, unixSeconds(T0))).toEqual(['c']);
    });
  });

  describe(`${name}: what it knows of its rows`, () => {
    it('the nearest second above with a row, and farther ones by rank', async () => {
      const { load, warehouse } = await begun();
      const seconds = [10, 20, 20, 30, 40];
      await load({ items: seconds.map((second, n) => observe(completion(`r${n}`, T0 + second))) });
      const above = async (second: number, rank: number) =>
        warehouse.knownRowAbove(SOURCE, unixSeconds(T0 + second), rank);
      expect(await above(0, 1)).toEqual({ id: 'r0', createdAt: T0 + 10 });
      // Strictly above, and a second with two rows is one second.
      const tied = await above(10, 1);
      expect(tied?.createdAt).toBe(T0 + 20);
      expect(['r1', 'r2']).toContain(tied?.id);
      expect(await above(10, 2)).toEqual({ id: 'r3', createdAt: T0 + 30 });
      expect(await above(0, 4)).toEqual({ id: 'r4', createdAt: T0 + 40 });
      expect(await above(0, 5)).toBeNull();
      expect(await above(40, 1)).toBeNull();
      expect(await warehouse.knownRowAbove('other', unixSeconds(T0), 1)).toBeNull();
    });

    it('rows of a stretch, spread over its time', async () => {
      const { load, warehouse } = await begun();
      const times = Array.from({ length: 100 }, (_, index) => T0 + 10 * index);
      await load({ items: times.map((created, index) => observe(completion(`r${index}`, created))) });
      const within = (from: number, to: number, count: number, source = SOURCE) =>
        warehouse.knownRowsWithin(source, { from: unixSeconds(T0 + from), to: unixSeconds(T0 + to) }, count);
      const rows = await within(100, 899, 10);
      expect(rows).toHaveLength(10);
      expect(rows.map(({ createdAt }) => Math.floor((createdAt - T0 - 100) / 80))).toEqual([
        9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
      ]);
      for (const { id, createdAt } of rows) expect(id).toBe(`r${(createdAt - T0) / 10}`);
      expect(rows.map((row) => row.rows)).toEqual([8, 8, 8, 8, 8, 8, 8, 8, 8, 8]);
      expect(await within(100, 129, 10)).toHaveLength(3);
      expect(await within(101, 109, 10)).toEqual([]);
      expect(await within(0, 999, 10, 'other')).toEqual([]);
    });

    it('a far row is found too', async () => {
      const { load, warehouse } = await begun();
      await load({ items: [observe(completion('old', 0)), observe(completion('far', T0 + 400 * 86_400))] });
      expect((await warehouse.knownRowAbove(SOURCE, unixSeconds(0), 1))?.id).toBe('far');
      expect((await warehouse.knownRowBelow(SOURCE, unixSeconds(2_000_000_000)))?.id).toBe('far');
      expect((await warehouse.knownRowBelow(SOURCE, unixSeconds(1)))?.id).toBe('old');
      expect(await warehouse.knownRowBelow(SOURCE, unixSeconds(0))).toBeNull();
    });

    it('the ids of one second', async () => {
      const { load, warehouse } = await begun();
      await load({
        items: [observe(completion('a', T0)), observe(completion('b', T0)), observe(completion('c', T0 + 1))],
      });
      expect([...(await warehouse.knownIdsIn(SOURCE, unixSeconds(T0)))].sort()).toEqual(['a', 'b']);
      expect(await warehouse.knownIdsIn('other', unixSeconds(T0))).toEqual([]);
    });

    it('models and metadata pairs, the most frequent first, up to the limit', async () => {
      const { load, warehouse } = await begun();
      const values = [
        ['common', { team: 'x' }],
        ['common', { team: 'x' }],
        ['common', { team: 'x', env: 'dev' }],
        ['seldom', { env: 'dev' }],
        ['seldom', {}],
        ['rare', { team: 'y' }],
      ] as const;
      await load({
        items: values.map(([model, metadata], n) =>
          observe(completion(`v${n}`, T0 + n, { model, metadata })),
        ),
      });
      expect(await warehouse.knownSplitValues(SOURCE, 10)).toEqual({
        models: ['common', 'seldom', 'rare'],
        metadata: [
          ['team', 'x'],
          ['env', 'dev'],
          ['team', 'y'],
        ],
      });
      expect(await warehouse.knownSplitValues(SOURCE, 1)).toEqual({
        models: ['common'],
        metadata: [['team', 'x']],
      });
      expect(await warehouse.knownSplitValues('other', 10)).toEqual({ models: [], metadata: [] });
    });
  });

  describe(`${name}: coverage`, () => {
    it.each([
      [
        'ranges that overlap or touch become one',
        [
          [1, 5],
          [4, 9],
          [10, 12],
        ],
        [[1, 12]],
      ],
      [
        'a second between them keeps two apart',
        [
          [1, 5],
          [7, 9],
        ],
        [
          [1, 5],
          [7, 9],
        ],
      ],
      [
        'ascending, in whatever order they came',
        [
          [30, 40],
          [1, 2],
          [10, 20],
        ],
        [
          [1, 2],
          [10, 20],
          [30, 40],
        ],
      ],
      [
        'one that is inside another adds nothing',
        [
          [1, 20],
          [5, 6],
        ],
        [[1, 20]],
      ],
      [
        'one that spans all others swallows them',
        [
          [1, 2],
          [5, 6],
          [9, 9],
          [0, 30],
        ],
        [[0, 30]],
      ],
    ] as const)('%s', async (_, added, expected) => {
      const ranges = added.map(([from, to]) => range(from, to));
      const together = await begun();
      await together.load({ covered: ranges });
      expect(await together.warehouse.readCoverage(SOURCE, SCOPE)).toEqual(
        expected.map(([from, to]) => range(from, to)),
      );
      const oneByOne = await begun();
      for (const one of ranges) await oneByOne.load({ covered: [one] });
      expect(await oneByOne.warehouse.readCoverage(SOURCE, SCOPE)).toEqual(
        await together.warehouse.readCoverage(SOURCE, SCOPE),
      );
    });

    it('holds for the scope it was read in only', async () => {
      const { load, warehouse } = await begun();
      await load({ covered: [range(1, 5)] });
      expect(await warehouse.readCoverage(SOURCE, 'another endpoint')).toEqual([]);
      expect(await warehouse.readCoverage('other', SCOPE)).toEqual([]);
    });
  });

  describe(`${name}: gaps`, () => {
    it('are listed ascending, each of its kind, for their scope', async () => {
      const { load, warehouse } = await begun();
      const gaps = [gap(50, 50), gap(10, 20, { kind: 'retention', rowsMissingEstimate: null })];
      await load({ gaps });
      expect(await warehouse.readGaps(SOURCE, SCOPE)).toEqual(gaps.toReversed());
      expect(await warehouse.readGaps(SOURCE, 'another endpoint')).toEqual([]);
    });

    it('one of the same seconds and kind replaces what was known; another kind stands beside it', async () => {
      const { load, warehouse } = await begun();
      await load({ gaps: [gap(50, 50), gap(50, 50, { kind: 'retention' })] });
      await load({ gaps: [gap(50, 50, { rowsSeen: 7, rowsMissingEstimate: 0 })] });
      expect(
        (await warehouse.readGaps(SOURCE, SCOPE)).map(({ kind, rowsSeen }) => [kind, rowsSeen]).sort(),
      ).toEqual([
        ['dense', 7],
        ['retention', 1],
      ]);
    });

    it('one is resolved when coverage holds all of its seconds, and not before', async () => {
      const { load, warehouse } = await begun();
      await load({ gaps: [gap(10, 20), gap(50, 50)] });
      await load({ covered: [range(10, 19)] });
      expect(await warehouse.readGaps(SOURCE, SCOPE)).toHaveLength(2);
      await load({ covered: [range(20, 49)] });
      expect(await warehouse.readGaps(SOURCE, SCOPE)).toEqual([gap(50, 50)]);
      await load({ covered: [range(50, 50)] });
      expect(await warehouse.readGaps(SOURCE, SCOPE)).toEqual([]);
    });

    it('a gap that comes with its own seconds covered stays open: both were reported', async () => {
      const { load, warehouse } = await begun();
      await load({ gaps: [gap(10, 20)], covered: [range(1, 30)] });
      expect(await warehouse.readGaps(SOURCE, SCOPE)).toEqual([gap(10, 20)]);
    });
  });

  describe(`${name}: checkpoint and runs`, () => {
    it('the checkpoint is the last one given, and stays when a batch has none', async () => {
      const { load, warehouse } = await begun();
      const checkpoint = (id: string, second: number) => ({
        lastSyncedId: completionId(id),
        lastSyncedAt: unixSeconds(second),
      });
      await load({ checkpoint: checkpoint('a', T0) });
      await load({ checkpoint: checkpoint('b', T0 + 1) });
      await load({});
      expect(await warehouse.readCheckpoint(SOURCE)).toEqual(checkpoint('b', T0 + 1));
      expect(await warehouse.readCheckpoint('other')).toBeNull();
    });

    it('a run is running until a batch ends it', async () => {
      const { load, runId, runStatus } = await begun();
      expect(await runStatus(runId)).toBe('running');
      await load({});
      expect(await runStatus(runId)).toBe('running');
      await load({ end: LANDED });
      expect(await runStatus(runId)).toBe('landed');
    });

    it('a run that never ended is abandoned when the next one of its source starts', async () => {
      const { subject, runId, runStatus, load } = await begun();
      const other = await start(subject, 'other');
      await load({ end: LANDED });
      const second = await start(subject);
      const third = await start(subject);
      expect(third).not.toBe(second);
      expect([await runStatus(runId), await runStatus(second), await runStatus(third)]).toEqual([
        'landed',
        'abandoned',
        'running',
      ]);
      expect(await runStatus(other)).toBe('running');
    });

    it.each([
      ['ended', (subject: Subject, runId: string) => subject.warehouse.load(batch(runId, { end: LANDED }))],
      ['been taken over by a later one', (subject: Subject) => start(subject)],
    ] as const)('a run that has %s writes nothing any more', async (_, stop) => {
      const { subject, load, warehouse, raws, runId } = await begun();
      await stop(subject, runId);
      const late = load({
        items: [observe(completion('late', T0)), observed('{"id":"bad"}')],
        covered: [range(1, 5)],
        gaps: [gap(9, 9)],
        checkpoint: { lastSyncedId: completionId('late'), lastSyncedAt: unixSeconds(T0) },
      });
      await expect(late).rejects.toBeInstanceOf(TerminalError);
      expect(await raws(SOURCE)).toEqual([]);
      expect(await warehouse.readCoverage(SOURCE, SCOPE)).toEqual([]);
      expect(await warehouse.readGaps(SOURCE, SCOPE)).toEqual([]);
      expect(await warehouse.readCheckpoint(SOURCE)).toBeNull();
    });
  });
}
