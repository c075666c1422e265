import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { csvCell, writeCsv, writeJson, writeJsonLines } from '../../src/cli/output.ts';
import { renderFitted, renderTable } from '../../src/cli/table.ts';
import { finished, projectRoot } from '../support/shell.ts';
import { TextSink } from '../support/streams.ts';

test.each([
  [null, ''],
  [undefined, ''],
  ['', '""'],
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  [' padded ', '" padded "'],
  [12.5, '12.5'],
  [4944116822809979520n, '4944116822809979520'],
  [false, 'false'],
  [new Date(0), '1970-01-01T00:00:00.000Z'],
  [{ team: 'a', n: 1n }, '"{""team"":""a"",""n"":1}"'],
])('a CSV cell: %o is %s', (value, expected) => {
  expect(csvCell(value)).toBe(expected);
});

test('CSV has a header, also without rows', async () => {
  const sink = new TextSink();
  await writeCsv(sink, ['model', 'n,o'], [{ model: 'gpt-5', 'n,o': 2 }, { 'n,o': null }]);
  expect(sink.text).toBe('model,"n,o"\ngpt-5,2\n,\n');
});

test('JSON keeps integers that a double cannot hold, as text', async () => {
  const sink = new TextSink();
  await writeJsonLines(sink, [{ seed: 4944116822809979520n, n: 7n, at: new Date(0) }]);
  await writeJson(sink, { empty: [] });
  expect(sink.text).toBe(
    '{"seed":"4944116822809979520","n":7,"at":"1970-01-01T00:00:00.000Z"}\n{\n  "empty": []\n}\n',
  );
});

test('a table is plain where nobody looks at it, and ruled on a terminal', () => {
  const rows = [
    { model: 'gpt-5', tokens: 12 },
    { model: null, tokens: 1_200n },
  ];
  const columns = [{ key: 'model' }, { key: 'tokens', align: 'right' as const }];
  expect(renderTable(columns, rows, { lines: false, color: false })).toBe(
    'model  tokens\ngpt-5      12\n         1200\n',
  );
  expect(renderTable(columns, rows, { lines: true, color: true })).toContain('│ gpt-5 │     12 │');
});

test('what a model or metadata is called cannot steer the terminal', () => {
  const table = renderTable([{ key: 'a' }], [{ a: 'x\u001b[2Jy\nz' }], { lines: false, color: false });
  expect(table).toBe('a\nx [2Jy z\n');
});

const flood = join(projectRoot, 'test/fixtures/flood.ts');

test('`| head` ends a long output at once and in silence', async () => {
  const child = spawn('sh', ['-c', '"$0" "$1" | head -n 1; echo done', process.execPath, flood], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(out).toBe('row 0\ndone\n');
  expect(err).toMatch(/^stopped before \d+\n$/);
  expect(Number(/\d+/.exec(err)?.[0])).toBeLessThan(1_000_000);
});

test.runIf(process.platform === 'linux')('a full disk behind `>` is a failure', async () => {
  const { code, stderr } = await finished('sh', [
    '-c',
    '"$0" src/cli/tokenhouse.js --version >/dev/full',
    process.execPath,
  ]);
  expect(code).toBe(1);
  expect(stderr).toBe('tokenhouse: cannot write the output (ENOSPC)\n');
});

test('a table that is too wide for the terminal loses its lines, then what can be missed', () => {
  const columns = [
    { key: 'model' },
    { key: 'empty', isMinor: true },
    { key: 'first', isMinor: true },
    { key: 'usd', align: 'right' },
  ] as const;
  const rows = [{ model: 'gpt-4.1', empty: null, first: '2026-11-01', usd: 2 }];
  const fitted = (width: number | null) => renderFitted(columns, rows, { lines: true, color: true, width });
  // 7, 10 and 3 characters; with lines 3 more a column and one at the end.
  for (const width of [null, 30]) expect(fitted(width)).toContain('│ gpt-4.1 │ 2026-11-01 │   2 │\n');
  expect(fitted(29)).toContain('\ngpt-4.1  2026-11-01    2\n');
  expect(fitted(23)).toContain('\ngpt-4.1    2\n');
});
