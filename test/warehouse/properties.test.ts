import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  batch,
  completion,
  observe,
  openTemporary,
  range,
  rows,
  SCOPE,
  SOURCE,
  startRun,
  T0,
} from './support.ts';

test('whatever the order and the batches, the newest observation of each row is what stays', async () => {
  const warehouse = await openTemporary();
  let round = 0;
  const observation = fc.record({
    id: fc.constantFrom('a', 'b', 'c'),
    at: fc.integer({ min: 1, max: 6 }),
    version: fc.integer({ min: 0, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(observation, { maxLength: 5 }), { maxLength: 5 }), async (batches) => {
      // One file for all rounds: each has ids of its own.
      const prefix = `${round++}-`;
      const runId = await startRun(warehouse);
      // One time, one version: the API cannot have shown two at once.
      const versionAt = new Map<string, number>();
      const newest = new Map<string, { at: number; version: number }>();
      for (const observations of batches) {
        const items = observations.map(({ id, at, version }) => {
          const shown = versionAt.get(`${id}${at}`) ?? version;
          versionAt.set(`${id}${at}`, shown);
          if ((newest.get(id)?.at ?? 0) <= at) newest.set(id, { at, version: shown });
          return observe(completion(prefix + id, T0, { metadata: { version: String(shown) } }), at * 1000);
        });
        await warehouse.load(batch(runId, { items }));
      }
      const held = await rows(
        warehouse,
        `select completion_id, value from main.completion_metadata where starts_with(completion_id, '${prefix}')`,
      );
      const expected = [...newest].map(([id, { version }]) => `${prefix}${id} ${version}`);
      expect(held.map((row) => `${row['completion_id']} ${row['value']}`).sort()).toEqual(expected.sort());
    }),
    { numRuns: 40 },
  );
});

test('two observations of one millisecond end the same in either order', async () => {
  const one = observe(completion('a', T0, { metadata: { v: '1' } }), 1000);
  const other = observe(completion('a', T0, { metadata: { v: '2' } }), 1000);
  const held = async (...items: readonly (typeof one)[]) => {
    const warehouse = await openTemporary();
    const runId = await startRun(warehouse);
    for (const single of items) await warehouse.load(batch(runId, { items: [single] }));
    return rows(warehouse, 'select value from main.completion_metadata');
  };
  expect(await held(one, other)).toEqual(await held(other, one));
});

test('coverage is the union of all covered seconds, as few ranges as it takes', async () => {
  const warehouse = await openTemporary();
  const second = fc.integer({ min: 0, max: 40 });
  const someRange = fc.tuple(second, second).map(([a, b]) => range(T0 + Math.min(a, b), T0 + Math.max(a, b)));
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(someRange, { maxLength: 3 }), { maxLength: 5 }), async (batches) => {
      const scope = `scope ${round++}`;
      const runId = await startRun(warehouse);
      const model = new Set<number>();
      for (const covered of batches) {
        await warehouse.load(batch(runId, { scope, covered }));
        for (const { from, to } of covered) for (let at: number = from; at <= to; at++) model.add(at);
      }
      const held = await warehouse.readCoverage(SOURCE, scope);
      const seconds = held.flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, index) => from + index),
      );
      expect(seconds).toEqual([...model].sort((a, b) => a - b));
      held.forEach(({ from }, index) => {
        const before = held[index - 1];
        if (before !== undefined) expect(from).toBeGreaterThan(before.to + 1);
      });
    }),
    { numRuns: 40 },
  );
  expect(await warehouse.readCoverage(SOURCE, SCOPE)).toEqual([]);
});
