/** What a sweep finds of completions that were deleted at the API, over HTTP into a file. */
import { expect, it } from 'vitest';
import { type House, houseOf, type RunSettings } from '../support/house.ts';

/** A second of the house's clock later, as a run tells what it met from what was met before. */
const sweep = (house: House, more: RunSettings = {}) => {
  house.now += 1;
  return house.reread({ ...more, env: { RETENTION_DAYS: 'none', ...more.env } });
};
const gone = (house: House) =>
  house
    .query('select completion_id as id from main.completion_deletions order by 1')
    .then((rows) => rows.map(({ id }) => id));

it('a sweep notes what is listed no more, keeps its rows, and takes it back when it is listed again', async () => {
  const house = await houseOf({ rows: 400, generate: { ratePerSecond: 3 } });
  await house.sync();
  const { store } = house.emulator;
  const doomed = [...store.rows()].filter((_, index) => index % 37 === 5).map((row) => store.idOf(row));
  for (const id of doomed) store.delete(id);
  // A nightly sync reads covered seconds no more, and cannot know.
  await house.sync();
  expect(await gone(house)).toEqual([]);

  const { report } = await sweep(house);
  expect(report.rows_deleted).toBe(doomed.length);
  expect(await gone(house)).toEqual(doomed.toSorted());
  expect(await house.query('select count(*)::integer as n from main.completion_usage')).toEqual([{ n: 400 }]);
  expect((await sweep(house)).report.rows_deleted).toBe(0);

  const [back] = await house.query(`select id, created, raw from main.completions where id = '${doomed[0]}'`);
  store.add({ id: String(back?.['id']), created: Number(back?.['created']), raw: String(back?.['raw']) });
  await sweep(house);
  expect(await gone(house)).toEqual(doomed.slice(1).toSorted());
});

it('another filter of the same source calls nothing deleted, and nor does a list that ends too early', async () => {
  const house = await houseOf({ rows: 300, generate: { ratePerSecond: 3 } });
  await house.sync();
  await sweep(house, { env: { FILTER_MODEL: 'no-such-model' } });
  expect(await gone(house)).toEqual([]);
  house.emulator.faults.rules = [
    {
      fault: { kind: 'status', status: 500, headers: {}, body: '' },
      fires: ({ query }) => query.get('after') !== null,
    },
  ];
  await sweep(house, { env: { RETRIES_MAX: '0' } });
  expect(await gone(house)).toEqual([]);
});

it('seconds with more rows than a page holds are proven with rows of earlier runs, and say nothing of deletions', async () => {
  const house = await houseOf({ rows: 300, generate: { ratePerSecond: 60 } });
  await house.sync({ env: { PAGE_SIZE: '20' } });
  const [before] = await house.query('select count(*)::integer as n from main.completions');
  await sweep(house, { env: { PAGE_SIZE: '20' } });
  expect(await gone(house)).toEqual([]);
  expect(Number(before?.['n'])).toBeGreaterThan(100);
});
