import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { EXAMPLE_NAMES } from '../../src/cli/query-examples.ts';
import { cleanEnvironment, launcher } from '../support/shell.ts';
import { completion, observe, temporaryPath } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

const SECRET = 'the prompt nobody may see';
const choices = [{ index: 0, message: { role: 'assistant', content: SECRET }, finish_reason: 'stop' }];

const EXACT =
  "select 9007199254740993 as big, 7 as small, 1.10::decimal(5,2) as price, created_at, null as nothing, 'nan'::double as odd from completions";

async function query(...args: readonly string[]) {
  const path = await filled({ items: [observe(completion('a', T0, { choices }))] });
  return run(['query', '--warehouse', path, ...args]);
}

test('JSON is exact: a number that a double would round is text, a time ISO in UTC', async () => {
  const { code, stdout } = await query('--json', EXACT);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([
    {
      big: '9007199254740993',
      small: 7,
      price: '1.10',
      created_at: '2025-01-01T00:00:00Z',
      nothing: null,
      odd: 'NaN',
    },
  ]);
  expect((await query('--json', 'select 1 where false')).stdout).toBe('[]\n');
});

test('CSV is exact and has a header', async () => {
  const { stdout } = await query('--csv', EXACT);
  expect(stdout).toBe(
    'big,small,price,created_at,nothing,odd\n9007199254740993,7,1.10,2025-01-01T00:00:00Z,,NaN\n',
  );
});

test('a table aligns numbers to the right and cuts wide cells, which CSV and JSON do not', async () => {
  const sql = "select 1 as n, repeat('ä', 300) as wide union all select 1000, 'short' order by n";
  const { stdout } = await query(sql);
  expect(stdout.split('\n').slice(1, 3)).toEqual([`   1  ${'ä'.repeat(79)}…`, '1000  short']);
  expect((await query('--csv', sql)).stdout).toContain('ä'.repeat(300));
  expect(JSON.parse((await query('--json', sql)).stdout)[0].wide).toHaveLength(300);
});

test('a table ends at its limit and says so; JSON and CSV give all', async () => {
  const { stdout, stderr } = await query('select * from range(1200)');
  expect(stdout.trim().split('\n')).toHaveLength(1001);
  expect(stderr).toBe('tokenhouse: 1,000 of 1,200 rows shown; --limit shows more, --csv and --json all\n');
  expect((await query('--csv', 'select * from range(1200)')).stdout.trim().split('\n')).toHaveLength(1201);
  expect(JSON.parse((await query('--json', '--limit', '3', 'select * from range(9)')).stdout)).toHaveLength(
    3,
  );
});

test('two columns of one name both arrive', async () => {
  expect(JSON.parse((await query('--json', 'select 1 as a, 2 as a')).stdout)).toEqual([{ a: 1, a_2: 2 }]);
});

test.each([
  ['selec 1', 1, /Parser Error: syntax error at or near "selec"/],
  ['select nope from completions', 1, /Binder Error: .*"nope"/],
  ['select * from nope', 1, /Catalog Error: Table with name nope does not exist/],
  ['delete from completions', 1, /open for reading, so nothing can be changed/],
  ["copy (select 1) to '/tmp/tokenhouse-out.csv'", 1, /Permission Error|disabled/],
  ['select 1; select 2', 2, /the SQL holds 2 statements/],
  [' ', 2, /the SQL is empty/],
])('%j fails with words that help', async (sql, code, words) => {
  const failed = await query(sql);
  expect(failed).toMatchObject({ code, stdout: '' });
  expect(failed.stderr).toMatch(words);
  expect(failed.stderr).not.toContain('    at ');
});

test('an error about a value quotes it on the terminal of who asked, without what would steer that, and nowhere else', async () => {
  const path = await filled({
    items: [
      observe(completion('a', T0, { choices: [{ ...choices[0], finish_reason: `${SECRET}\u001b[2J` }] })),
    ],
  });
  const asked = (env: Record<string, string>, isErrTty: boolean) =>
    run(['query', '--warehouse', path, 'select finish_reason::int from completion_choices'], {
      env,
      isErrTty,
    });
  const seen = await asked({}, true);
  expect(seen.code).toBe(1);
  const flat = seen.stderr.replace(/\s+/g, ' ');
  expect(flat).toContain(`Conversion Error: Could not convert string '${SECRET} [2J' to INT32`);
  expect(flat).toContain('LINE 1: select finish_reason::int from completion_choices');
  expect(flat).toContain('try_cast gives NULL');
  expect(seen.stderr).not.toContain('\u001b[2J');
  // What is kept: the output of a service, a file, a log of JSON, with the stack as well.
  for (const env of [{}, { LOG_LEVEL: 'debug' }, { LOG_LEVEL: 'trace', LOG_FORMAT: 'json' }]) {
    const kept = await asked(env, false);
    expect(kept.code).toBe(1);
    expect(kept.stderr).toMatch(
      /Conversion Error \(its text is withheld.*try_cast.*a terminal is shown the whole text/,
    );
    expect(kept.stderr + kept.stdout).not.toContain(SECRET);
  }
});

test('the examples are printed as commands, and one of them is run by its name', async () => {
  const { code, stdout } = await run(['query', '--examples']);
  expect(code).toBe(0);
  const printed = JSON.parse((await run(['query', '--examples', '--json'])).stdout) as {
    name: string;
    about: string;
    sql: string;
    command: string;
  }[];
  expect(printed.map(({ name }) => name)).toEqual([...EXAMPLE_NAMES]);
  for (const { name, about, sql, command } of printed) {
    expect(about, name).toMatch(/^[A-Z].{10,}\.$/);
    expect(stdout).toContain(`# ${about} (--example ${name})\n${command}\n`);
    // As it is copied into a shell.
    expect(sql, name).not.toMatch(/["$`!\\]/);
    const words = execFileSync('sh', ['-c', `tokenhouse() { printf '%s\\n' "$@"; }\n${command}`], {
      encoding: 'utf8',
    });
    expect(words.replace(/^ +/gm, '').trim()).toBe(`query\n\n${sql.replace(/^ +/gm, '')}`);
  }
  expect((await query('--csv', '--example', 'tokens-by-model')).stdout).toMatch(
    /^model,completions,tokens,list_cost_usd\n/,
  );
  expect((await query('--example', 'tokens_by_modle')).stderr).toContain('is tokens_by_model meant?');
  expect(await query('--examples', 'select 1')).toMatchObject({ code: 2, stdout: '' });
});

test('a query makes no warehouse, and --json with --csv, no SQL or two of it are wrong usages', async () => {
  expect((await run(['query', 'select 1', '--warehouse', await temporaryPath()])).code).toBe(1);
  expect((await run(['query', 'select 1', '--json', '--csv'])).code).toBe(2);
  expect((await run(['query'])).code).toBe(2);
  expect((await run(['query', 'select 1', '--file', 'x.sql'])).code).toBe(2);
  expect((await run(['query', '--file', '/nowhere/x.sql'])).stderr).toContain(
    '/nowhere/x.sql cannot be read (ENOENT)',
  );
});

test('SQL comes from a file as well', async () => {
  const file = await temporaryPath('one.sql');
  writeFileSync(file, '\uFEFFselect 42 as answer -- the end');
  expect((await query('--csv', '--file', file)).stdout).toBe('answer\n42\n');
});

/** The command as a process. */
async function spawned(args: readonly string[], stdin: string) {
  const path = await filled({ items: [observe(completion('a', T0))] });
  const child = spawn(process.execPath, [launcher, '--warehouse', path, 'query', ...args], {
    env: cleanEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(stdin);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { path, child, output: Promise.all([ended, text(child.stdout), text(child.stderr)]) };
}

test('SQL comes from stdin as well', async () => {
  const { output } = await spawned(['-', '--csv'], 'select count(*) as n from completions');
  expect(await output).toEqual([0, 'n\n1\n', '']);
});

test('Ctrl-C ends a long query in a moment, and the file stays whole', async () => {
  const { path, child, output } = await spawned(
    ['select count(*) from range(100000000000) a, range(100000) b'],
    '',
  );
  // Until it is at work: the engine then keeps its threads busy.
  const busyTicks = () => Number(readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(' ')[13]);
  if (process.platform === 'linux') await expect.poll(busyTicks, { timeout: 20_000 }).toBeGreaterThan(150);
  else await new Promise((resolve) => setTimeout(resolve, 3_000));
  const stoppedAt = performance.now();
  child.kill('SIGINT');
  const [code, stdout, stderr] = await output;
  expect(performance.now() - stoppedAt).toBeLessThan(5_000);
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toMatch(/^tokenhouse: interrupted by SIGINT; .*\n$/);
  expect(
    (await run(['query', '--csv', 'select count(*) as n from completions', '--warehouse', path])).stdout,
  ).toBe('n\n1\n');
});
