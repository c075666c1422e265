import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPORTS } from '../../src/analytics/reports.ts';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { run } from './support.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
/** Reads a script without running it. */
const CHECK = { bash: '-n', zsh: '-n', fish: '--no-execute' } as const;

const folder = mkdtempSync(join(tmpdir(), 'tokenhouse-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (shell: string): string => join(folder, `completion.${shell}`);
const scripts = new Map<string, string>();

beforeAll(async () => {
  for (const shell of SHELLS) {
    const { code, stdout } = await run(['completion', shell]);
    expect(code).toBe(0);
    scripts.set(shell, stdout);
    writeFileSync(fileOf(shell), stdout);
  }
  writeFileSync(join(folder, 'a file.duckdb'), '');
});

test.each(SHELLS)(
  'the script of %s has every command, part and report, and its shell reads it where it is there',
  async (shell) => {
    const script = scripts.get(shell) ?? '';
    const words = [
      ...COMMANDS.map(({ name }) => name),
      ...REPORTS.map(({ name }) => name),
      'run-now',
      'cancel',
      'help',
    ];
    for (const word of words) expect(script).toMatch(new RegExp(`(?<![\\w-])${word}(?![\\w-])`));
    const { error, status, stderr } = spawnSync(shell, [CHECK[shell], fileOf(shell)], { encoding: 'utf8' });
    if (shell !== 'bash' && (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  },
);

/** What bash offers for the last word of each line, as its own completion calls the function. */
function offeredByBash(lines: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const asked = lines.map((words) => {
    const list = words.map((word) => `'${word}'`).join(' ');
    return `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _tokenhouse; printf '%s\\t' "\${COMPREPLY[@]}"; echo`;
  });
  const script = ['set -u', `source '${fileOf('bash')}'`, 'complete -p tokenhouse >/dev/null', ...asked].join(
    '\n',
  );
  const text = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', cwd: folder });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t').filter((word) => word !== ''));
}

test('bash completes commands, their parts, options, and the values of options', () => {
  const cases: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
    [['sch'], ['schedule', 'schema']],
    [
      ['schedule', ''],
      ['list', 'set', 'remove', 'run-now', 'help'],
    ],
    [
      ['schedule', 'set', ''],
      ['nightly-sync', 'sweep'],
    ],
    [
      ['report', 'top-'],
      ['top-spenders', 'top-completions'],
    ],
    // The value of an option is no command, whether it stands behind a blank or a sign of equality.
    [['--warehouse', 'sync', 'rep'], ['report']],
    [['--warehouse', '=', 'sync', 'rep'], ['report']],
    [
      ['report', '--by', 'mode'],
      ['model', 'model_family'],
    ],
    [
      ['report', '--by', '=', 'mode'],
      ['model', 'model_family'],
    ],
    [
      ['report', '--by', 'model', 'cos'],
      ['cost', 'cost-drivers'],
    ],
    [
      ['query', '--example', 'to'],
      ['tokens_by_model', 'tools_called'],
    ],
    [['schema', 'marts.usage_w'], ['marts.usage_week_over_week']],
    [['status', '--js'], ['--json']],
    [['jobs', 'retry', '--ver'], ['--version']],
    [
      ['export', '--format', ''],
      ['parquet', 'csv', 'ndjson'],
    ],
    [['--warehouse', 'a'], ['a file.duckdb']],
    [['export', '--to', 'a'], []],
    [['sync', '--days', ''], []],
    [
      ['help', 'back'],
      ['backfill', 'backup'],
    ],
  ];
  const offered = offeredByBash(cases.map(([words]) => ['tokenhouse', ...words]));
  expect(cases.map(([words], index) => [words, offered[index] ?? []])).toEqual(cases);
});

test('another shell is refused, and a script can have the same as JSON', async () => {
  const refused = await run(['completion', 'powershell']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('bash, zsh, fish');
  const { stdout } = await run(['completion', 'bash', '--json']);
  const { commands } = JSON.parse(stdout) as { commands: { path: string }[] };
  expect(commands.map(({ path }) => path)).toEqual(expect.arrayContaining(['', 'sync', 'schedule set']));
});
