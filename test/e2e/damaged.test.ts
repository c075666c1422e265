/** A disk that gave other bytes back than were written: told with what to do, and after that nothing is lost and nothing there twice. */
import { randomFillSync } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import type { Probe } from '../../src/health/probe.ts';
import { compare, complete, type House, houseOf } from '../support/house.ts';
import { killedHouse } from '../support/killed-house.ts';

const ROWS = 200;

async function doctor(house: House, ...args: readonly string[]) {
  const { stdout } = await house.tokenhouse(['--json', 'doctor', '--offline', ...args]);
  const { probes } = JSON.parse(stdout) as { probes: readonly Probe[] };
  return Object.fromEntries(probes.map((probe) => [probe.name, probe]));
}

const filesOf = (house: House): readonly string[] =>
  readdirSync(dirname(house.path)).filter((name) => name.startsWith(basename(house.path)));

const overwritten = (bytes: Buffer, from: number, count: number): Buffer => {
  const changed = Buffer.from(bytes);
  randomFillSync(changed, from, count);
  return changed;
};

test('a log that cannot be read stops a sync; doctor --repair keeps it beside, and the next sync reads what it held', async () => {
  const house = await killedHouse(ROWS);
  const file = readFileSync(house.path);
  const log = readFileSync(`${house.path}.wal`);
  const logs = {
    'garbage in the middle': overwritten(log, log.length >> 1, 64),
    'garbage at the head': overwritten(log, 0, 64),
    'the log of another file': await (async () => {
      const other = await killedHouse(ROWS);
      return readFileSync(`${other.path}.wal`);
    })(),
  };
  for (const [title, damaged] of Object.entries(logs)) {
    writeFileSync(house.path, file);
    writeFileSync(`${house.path}.wal`, damaged);
    const stopped = await house.sync();
    expect([stopped.code, stopped.stdout], title).toEqual([
      EXIT.failed,
      expect.stringMatching(/doctor --repair/),
    ]);
    expect(readFileSync(`${house.path}.wal`).equals(damaged), title).toBe(true);
    expect((await doctor(house))['warehouse'], title).toMatchObject({
      status: 'failed',
      mend: expect.stringMatching(/^run `tokenhouse doctor --repair`.*loses nothing that the API still has/),
    });

    const { repair, warehouse } = await doctor(house, '--repair');
    expect(repair, title).toMatchObject({ status: 'ok', mend: expect.stringContaining('`tokenhouse sync`') });
    expect(warehouse, title).toMatchObject({ status: 'ok' });
    const [aside = ''] = filesOf(house).filter((name) => name.includes('.wal.aside-'));
    expect(repair?.what).toContain(aside);
    expect(readFileSync(join(dirname(house.path), aside)).equals(damaged), title).toBe(true);
    rmSync(join(dirname(house.path), aside));

    expect((await house.sync()).code, title).toBe(EXIT.landed);
    expect(await compare(house), title).toEqual(complete(house.emulator));
  }
  expect((await doctor(house, '--repair'))['repair']).toMatchObject({
    status: 'ok',
    what: expect.stringContaining('nothing to repair'),
  });
});

test('a log whose end a killed process did not write is no damage', async () => {
  const house = await killedHouse(ROWS);
  const log = readFileSync(`${house.path}.wal`);
  const file = readFileSync(house.path);
  for (const length of [2, 60, log.length - 1]) {
    writeFileSync(house.path, file);
    writeFileSync(`${house.path}.wal`, log.subarray(0, length));
    expect((await house.sync()).code, `${length} bytes`).toBe(EXIT.landed);
    expect(await compare(house)).toEqual(complete(house.emulator));
  }
});

test('a damaged file: one error that names backup and backfill; doctor --repair changes nothing and counts the copy', async () => {
  const house = await houseOf({ rows: ROWS });
  expect((await house.sync({ env: { PUBLISH_TO: '' } })).code).toBe(EXIT.landed);
  const whole = `${house.path}.whole`;
  copyFileSync(house.path, whole);
  const bytes = readFileSync(whole);
  const files = {
    'cut short': bytes.subarray(0, bytes.length >> 1),
    'no header': overwritten(bytes, 0, 4_096),
    'its last block overwritten': overwritten(bytes, bytes.length - 262_144, 262_144),
  };
  for (const [title, damaged] of Object.entries(files)) {
    writeFileSync(house.path, damaged);
    const { code, stdout } = await house.sync();
    expect([code, stdout], title).toEqual([
      EXIT.failed,
      expect.stringMatching(
        /damaged.*tokenhouse restore BACKUP --force.*tokenhouse backfill --since 1970-01-01/,
      ),
    ]);
    const before = filesOf(house);
    const left = readFileSync(house.path);
    const { repair } = await doctor(house, '--repair');
    expect(repair, title).toMatchObject({
      status: 'failed',
      what: expect.stringMatching(/^nothing was done: /),
      mend: expect.stringMatching(/restore BACKUP --force.*There is no published copy of it/),
    });
    expect(filesOf(house), title).toEqual(before);
    expect(readFileSync(house.path).equals(left), title).toBe(true);
  }
  writeFileSync(house.path, files['cut short']);
  const { stdout } = await house.tokenhouse(['--json', 'doctor', '--offline', '--repair'], {
    env: { PUBLISH_TO: '' },
  });
  expect(stdout).toMatch(/published\.duckdb holds 200 completions of .* without their text/);

  // What the error says: the file moved away, all that the API still has read again.
  rmSync(house.path);
  expect((await house.tokenhouse(['backfill', '--since', '1970-01-01'])).code).toBe(EXIT.landed);
  expect(await compare(house)).toEqual(complete(house.emulator));
});
