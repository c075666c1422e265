import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { packageVersion } from '../../src/package.ts';
import { READMES } from '../support/readmes.ts';
import { finished, npm, projectRoot } from '../support/shell.ts';

let folder: string;
let packed: readonly string[];

const packReport = z.tuple([
  z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenhouse-pack-'));
  const json = await npm(['pack', '--json', '--silent', '--pack-destination', folder], projectRoot);
  // The build says its own before npm does.
  const value: unknown = JSON.parse(json.slice(json.search(/^[[{]/m)));
  const [report] = packReport.parse(Array.isArray(value) ? value : Object.values(value as object));
  packed = report.files.map(({ path }) => path);
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  await npm(['install', '--no-audit', '--no-fund', join(folder, report.filename)], folder);
}, 240_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the tarball holds the program, every SQL file, the starters and the example settings', async () => {
  expect(packed).toEqual(
    expect.arrayContaining([
      ...READMES,
      'LICENSE',
      '.env.example',
      'src/cli/tokenhouse.js',
      'dist/src/cli/main.js',
      'jobs/prometheus-alerts.yaml',
    ]),
  );
  const sql = (await readdir(join(projectRoot, 'sql'), { recursive: true })).filter((name) =>
    name.includes('.'),
  );
  expect(sql).toContain('starters/grafana.json');
  expect(packed).toEqual(expect.arrayContaining(sql.map((name) => `sql/${name}`)));
});

test('the tarball holds no tests, no TypeScript, no pictures and no .env', () => {
  expect(packed.filter((path) => /(^|\/)(test|\.env)(\/|$)|\.ts$|\.map$|\.png$/.test(path))).toEqual([]);
});

test.each([
  [['--version'], packageVersion],
  [['--help'], 'Usage: tokenhouse'],
  [['emulate', '--help'], 'Examples:'],
])('installed from the tarball, `tokenhouse %j` answers', async (args, expected) => {
  const command = join(folder, 'node_modules/.bin/tokenhouse');
  const { code, stdout, stderr } = await finished(process.execPath, [command, ...args], { cwd: folder });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toContain(expected);
});
