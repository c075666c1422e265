/** A copy that could not be made: who made the run, and who reads the copy before it, is told. */
import { existsSync } from 'node:fs';
import { rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import {
  noteUnpublished,
  readUnpublished,
  unpublishedFileOf,
} from '../../src/warehouse/publish/unpublished.ts';
import { type House, houseOf, NOW } from '../support/house.ts';
import { started } from '../support/shell.ts';
import { webhookOf } from '../support/webhook.ts';
import { publishedPath } from '../warehouse/publishing.ts';
import { batch, completion, observe, open, startRun } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

const PUBLISHING = { PUBLISH_TO: '' };

/** Something else stands in the copy's place while `work` goes on. */
async function blocked<T>(house: Pick<House, 'path'>, work: () => Promise<T>): Promise<T> {
  const to = publishedPath(house.path);
  await rename(to, `${to}.aside`);
  await writeFile(to, 'notes of somebody else, longer than a header');
  const result = await work();
  await rename(`${to}.aside`, to);
  return result;
}

/** A house whose copy lacks its second run. */
async function staleHouse() {
  const house = await houseOf({ rows: 60 });
  await house.sync({ env: PUBLISHING });
  house.now = NOW + 86_400;
  const failed = await blocked(house, () => house.sync({ env: PUBLISHING }));
  return { house, failed };
}

const STALE =
  /the published copy is stale: it is of 2\d{3}-.*, and a run that ended .* later could not be published: .*is no published copy.*`tokenhouse publish` brings it up to date/;

test('a sync whose copy cannot be made ends with a code of its own, in words and in JSON', async () => {
  const { house, failed } = await staleHouse();
  expect(failed.code).toBe(EXIT.unpublished);
  expect(failed.report).toMatchObject({ status: 'landed', exit_code: EXIT.landed });
  expect(JSON.parse(failed.stdout)).toMatchObject([
    { publish: 'failed', publish_error: expect.stringContaining('PUBLISH_TO') },
  ]);
  const told = await blocked(house, () => house.tokenhouse(['sync'], { env: PUBLISHING }));
  expect(told.code).toBe(EXIT.unpublished);
  expect(told.stdout).toMatch(/\nnot published: .*PUBLISH_TO.*`tokenhouse publish` makes the new one\n$/);
  const backfill = await blocked(house, () =>
    house.tokenhouse(['backfill', '--since', '2025-06-01'], { env: PUBLISHING }),
  );
  expect(backfill.code).toBe(EXIT.unpublished);
  const good = await house.sync({ env: PUBLISHING });
  expect(good.code).toBe(EXIT.landed);
  expect(JSON.parse(good.stdout)).toMatchObject([{ publish: 'published', publish_error: null }]);
});

test('whoever reads the copy is told that it is stale and what mends it, until it is mended', async () => {
  const { house } = await staleHouse();
  const readers = [
    ['query', 'select 1 as one'],
    ['report', 'usage'],
    ['export', '--to', `${house.path}.lake`],
  ];
  for (const args of readers) {
    const { code, stderr } = await house.tokenhouse(args, { env: PUBLISHING });
    expect(code).toBe(0);
    expect(stderr, args[0]).toMatch(STALE);
  }
  const stale = {
    published_copy: {
      is_stale: true,
      run_ended_at: expect.stringMatching(/Z$/),
      reason: expect.stringContaining('PUBLISH_TO'),
    },
  };
  for (const args of [
    ['report', 'usage'],
    ['report'],
    ['export', '--to', `${house.path}.lake`],
    ['status'],
  ]) {
    const { stdout } = await house.tokenhouse(['--json', ...args], { env: PUBLISHING });
    expect(JSON.parse(stdout), args.join(' ')).toMatchObject(stale);
  }
  expect((await house.tokenhouse(['status'], { env: PUBLISHING })).stdout).toMatch(
    new RegExp(STALE.source.replace('the', 'The')),
  );
  const live = await house.tokenhouse(['--json', 'report', 'usage', '--live'], { env: PUBLISHING });
  expect(JSON.parse(live.stdout)).toMatchObject({ published_copy: null });

  expect((await house.tokenhouse(['publish'], { env: PUBLISHING })).code).toBe(0);
  expect(existsSync(unpublishedFileOf(house.path))).toBe(false);
  for (const args of readers) {
    expect((await house.tokenhouse(args, { env: PUBLISHING })).stderr).toBe('');
  }
  const { stdout } = await house.tokenhouse(['--json', 'status'], { env: PUBLISHING });
  expect(JSON.parse(stdout)).toMatchObject({ published_copy: { is_stale: false, reason: null } });
});

test('a copy made by hand that fails says nothing where nothing was lacking, and why where something is', async () => {
  const path = await filled({ items: [observe(completion('a', T0))] });
  await run(['publish', '--warehouse', path]);
  const publish = async () => expect((await run(['publish', '--warehouse', path])).code).toBe(EXIT.failed);
  await blocked({ path }, publish);
  expect(existsSync(unpublishedFileOf(path))).toBe(false);
  const copy = { warehouse: path, to: publishedPath(path) };
  await noteUnpublished(copy, { runEndedAtMs: Date.now(), reason: 'the disk is full' });
  await blocked({ path }, publish);
  expect(readUnpublished(copy)?.reason).toMatch(/is no published copy/);
});

test('a publisher that was killed is told of as soon as it shows no more; one at work is not', async () => {
  const path = await filled({ items: [observe(completion('a', T0))] });
  await run(['publish', '--warehouse', path]);
  const copy = { warehouse: path, to: publishedPath(path) };
  await noteUnpublished(copy, { runEndedAtMs: Date.now() + 3_600_000, reason: null });
  const ask = () => run(['query', 'select 1 as one', '--warehouse', path], { now: Date.now() / 1_000 });
  expect((await ask()).stderr).toBe('');
  const before = new Date(Date.now() - 90_000);
  await utimes(unpublishedFileOf(path), before, before);
  expect((await ask()).stderr).toMatch(
    /a run that ended 60 min later was not published; `tokenhouse publish`/,
  );
  // Of another copy nothing is known by that.
  await noteUnpublished({ ...copy, to: `${path}.other` }, { runEndedAtMs: Date.now(), reason: 'full' });
  expect((await ask()).stderr).toBe('');
});

test('status sees by the warehouse itself what the copy lacks, though nobody has told of it', async () => {
  const path = await filled({ items: [observe(completion('a', T0))] });
  const status = async () => JSON.parse((await run(['--json', 'status', '--warehouse', path])).stdout);
  expect(await status()).toMatchObject({ published_copy: null, publish_to: publishedPath(path) });
  await run(['publish', '--warehouse', path]);
  expect(await status()).toMatchObject({ published_copy: { is_stale: false } });
  const warehouse = await open(path);
  await warehouse.load(batch(await startRun(warehouse), { items: [observe(completion('b', T0 + 1))] }));
  await warehouse.close();
  expect(await status()).toMatchObject({ published_copy: { is_stale: true, reason: null } });
  expect((await run(['status', '--warehouse', path])).stdout).toMatch(
    /The published copy is stale: .*`tokenhouse publish` brings it up to date/,
  );
});

test('where there is the copy alone its age is told against SCHEDULE', async () => {
  const path = await filled({ items: [observe(completion('a', T0))] });
  await run(['publish', '--warehouse', path]);
  const elsewhere = ['query', 'select 1 as one', '--warehouse', `${path}.elsewhere`];
  const ask = (hours: number, SCHEDULE?: string) =>
    run(elsewhere, {
      now: Date.now() / 1_000 + hours * 3_600,
      env: { PUBLISH_TO: publishedPath(path), ...(SCHEDULE === undefined ? {} : { SCHEDULE }) },
    });
  expect((await ask(20)).stderr).toBe('');
  expect((await ask(72)).stderr).toMatch(
    /is 3\.0 days old \(2\d{3}-.*\), and by SCHEDULE a run should have replaced it: it is made by `tokenhouse sync` or `tokenhouse publish` where the warehouse is\n$/,
  );
  expect((await ask(5, '0 * * * *')).stderr).toMatch(/is 5 h old/);
  expect((await ask(72, '0 0 1 1 *')).stderr).toBe('');
});

test('a copy that could not be made is an alert; one a day, however often', async () => {
  const house = await houseOf({ rows: 30 });
  const { url, posts } = await webhookOf();
  const env = { ...PUBLISHING, ALERT_WEBHOOK: url, ENDPOINT: 'openai' };
  await house.sync({ env });
  await blocked(house, () => house.sync({ env }));
  await blocked(house, () => house.sync({ env }));
  expect(posts.map(({ alert }) => alert)).toMatchObject([
    { kind: 'publish_failed', source: 'openai', severity: 'warning', key: 'publish_failed/2025-06-15' },
    { key: 'publish_failed/2025-06-15' },
  ]);
  expect(posts[0]?.alert.text).toContain('`tokenhouse publish`');
});

test('a run that did not get the warehouse has committed nothing that the copy could lack', async () => {
  const house = await houseOf({ rows: 30 });
  await house.sync({ env: PUBLISHING });
  const holder = started(process.execPath, [
    join(import.meta.dirname, '../warehouse/crash-child.ts'),
    house.path,
    'hold',
  ]);
  await new Promise((resolve) => holder.child.stdout?.once('data', resolve));
  const held = await house.sync({ env: { ...PUBLISHING, WAIT_SECONDS: '0' } });
  holder.child.kill('SIGKILL');
  await holder.ended;
  expect(held.code).toBe(EXIT.failed);
  expect(JSON.parse(held.stdout)).toMatchObject([{ publish: 'off' }]);
  expect(existsSync(unpublishedFileOf(house.path))).toBe(false);
});
