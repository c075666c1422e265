import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { misspelt, overlay, readEnvFile } from '../src/config/env-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenhouse-env-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the file is read, the environment stands above it, and an empty variable hides nothing', async () => {
  const path = join(folder, 'a.env');
  await writeFile(
    path,
    '\uFEFFOPENAI_API_KEY=sk-file\nWAREHOUSE="x y.duckdb"\n# SYNC_DAYS=3\nPAGE_SIZE=20\n',
  );
  const before = { ...process.env };
  const file = readEnvFile(path);
  expect(overlay(file, { OPENAI_API_KEY: '', PAGE_SIZE: '50' })).toEqual({
    OPENAI_API_KEY: 'sk-file',
    WAREHOUSE: 'x y.duckdb',
    PAGE_SIZE: '50',
  });
  expect(process.env).toEqual(before);
});

test('a file that was asked for has to be there', () => {
  expect(() => readEnvFile(join(folder, 'none.env'))).toThrow(
    /^--settings .*none\.env cannot be read \(ENOENT\)$/,
  );
});

test('a file in UTF-16 is refused by its name, not found without a key', async () => {
  const path = join(folder, 'utf16.env');
  await writeFile(path, '\uFEFFOPENAI_API_KEY=sk-file\n', 'utf16le');
  expect(() => readEnvFile(path)).toThrow(/^--settings .*utf16\.env is not UTF-8 text/);
});

test('a misspelt name is noticed, a foreign one is not', () => {
  const file = {
    OPENAI_APIKEY: 'x',
    SYNC_DAY: '1',
    PROD_API_KY: 'x',
    PROD_API_KEY: 'x',
    REACT_APP_TITLE: 'x',
  };
  expect(misspelt(file, ['prod'])).toEqual([
    { name: 'OPENAI_APIKEY', meant: 'OPENAI_API_KEY' },
    { name: 'SYNC_DAY', meant: 'SYNC_DAYS' },
    { name: 'PROD_API_KY', meant: 'PROD_API_KEY' },
  ]);
});
