import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { houseOf, NOW } from '../support/house.ts';
import { launcher, started } from '../support/shell.ts';
import { publishedPath, readCopy } from '../warehouse/publishing.ts';
import { completion, observe } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

const one = () => filled({ items: [observe(completion('a', T0))] });

test('publish makes the copy, says what it did, and --full makes it anew', async () => {
  const path = await one();
  const { code, stdout } = await run(['publish', '--warehouse', path]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /published\.duckdb {2}[\d.]+ MB, made as a whole \(there was none\), 1 completion, [\d.]+ s\n$/,
  );
  const again = JSON.parse((await run(['publish', '--warehouse', path, '--json'])).stdout);
  expect(again).toMatchObject({
    path: publishedPath(path),
    days: 0,
    completions: 0,
    whole: false,
    whole_because: null,
  });
  const full = JSON.parse((await run(['publish', '--full', '--warehouse', path, '--json'])).stdout);
  expect(full).toMatchObject({ days: 1, completions: 1, whole: true, whole_because: 'asked for' });
});

test('publish says what is in its way, and fails', async () => {
  const path = await one();
  await writeFile(publishedPath(path), 'somebody else’s notes, and some more of them');
  const refused = await run(['publish', '--warehouse', path]);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/is no published copy.*PUBLISH_TO/);
  expect((await run(['publish', '--warehouse', path], { env: { PUBLISH_TO: 'none' } })).code).toBe(2);
  expect((await run(['publish', '--warehouse', path], { env: { PUBLISH_TO: path } })).stderr).toMatch(
    /PUBLISH_TO is the warehouse itself/,
  );
  expect((await run(['publish', '--warehouse', join(dirname(path), 'none.duckdb')])).stderr).toMatch(
    /there is no warehouse/,
  );
});

test('a query reads the copy, --live the warehouse, and of a copy without text it says so', async () => {
  const path = await one();
  await run(['publish', '--warehouse', path]);
  const copied = await run(['query', '--csv', 'select id, raw from completions', '--warehouse', path]);
  expect(copied.stdout).toBe('id,raw\na,\n');
  expect(copied.stderr).toMatch(/^tokenhouse: raw: NULL in the published copy.*--live/);
  const live = await run([
    'query',
    '--csv',
    'select id, raw is null as gone from completions',
    '--live',
    '--warehouse',
    path,
  ]);
  expect(live).toMatchObject({ stdout: 'id,gone\na,false\n', stderr: '' });
});

test('an old copy is told by its age', async () => {
  const path = await one();
  await run(['publish', '--warehouse', path]);
  const later = Math.round(Date.now() / 1000) + 3 * 86_400;
  const { stderr } = await run(['query', 'select 1 as one', '--warehouse', path], { now: later });
  expect(stderr).toMatch(/the published copy is 3\.0 days old.*--live/);
});

test('a copy of another warehouse, or one that cannot be read, is not taken for this one', async () => {
  const path = await one();
  const other = await filled({ items: [observe(completion('b', T0)), observe(completion('c', T0))] });
  await run(['publish', '--warehouse', other]);
  const count = ['query', '--csv', 'select count(*) as n from completions', '--warehouse', path];
  expect((await run(count, { env: { PUBLISH_TO: publishedPath(other) } })).stdout).toBe('n\n1\n');
  await writeFile(publishedPath(path), 'not a copy at all, but long enough');
  expect((await run(count)).stdout).toBe('n\n1\n');
});

test('a query and status work while another process has the warehouse', async () => {
  const path = await one();
  await run(['publish', '--warehouse', path]);
  const holder = started(process.execPath, [
    join(import.meta.dirname, '../warehouse/crash-child.ts'),
    path,
    'hold',
  ]);
  await new Promise((resolve) => holder.child.stdout?.once('data', resolve));
  const { code, stdout } = await run([
    'query',
    '--csv',
    'select count(*) as n from completions',
    '--warehouse',
    path,
  ]);
  const status = await run(['status', '--warehouse', path]);
  const waiting = await run(['status', '--wait', '0', '--warehouse', path]);
  const held = await run(['query', 'select 1', '--live', '--wait', '0', '--warehouse', path]);
  holder.child.kill('SIGKILL');
  await holder.ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'n\n1\n' });
  expect(held.stderr).toMatch(/in use by process/);
  expect(status.stdout).toMatch(/As of 2\d{3}-.*from the published copy: a run has the warehouse open/);
  expect(status.stdout).toContain('1 completion');
  expect(waiting.stderr).toMatch(/in use by process/);
});

test('values for a statement come by --param, whatever they hold', async () => {
  const path = await one();
  const param = ['--param', "who=x' or '1'='1", '--param', 'since=2024-06-01'];
  const sql = 'select count(*) as n from completions where created_at > $since::date and id <> $who';
  expect((await run(['query', '--csv', sql, ...param, '--warehouse', path])).stdout).toBe('n\n1\n');
  expect((await run(['query', sql, '--param', 'who', '--warehouse', path])).code).toBe(2);
  expect((await run(['query', sql, '--warehouse', path])).stderr).toMatch(/\$name has no --param/);
  expect((await run(['query', 'select 1', '--param', 'a=1', '--warehouse', path])).stderr).toMatch(
    /does the statement name/,
  );
});

test('each sync publishes; without text unless it is asked for', async () => {
  const house = await houseOf({ rows: 300 });
  await house.sync({ env: { PUBLISH_TO: '' } });
  const to = publishedPath(house.path);
  expect(await readCopy(to, 'select count(*), count(raw) from main.completions')).toEqual([[300n, 0n]]);
  house.now = NOW + 86_400;
  await house.sync({ env: { PUBLISH_TO: '', PUBLISH_CONTENT: 'full' } });
  expect(await readCopy(to, 'select count(raw), count(distinct source) from main.completions')).toEqual([
    [300n, 1n],
  ]);
  expect(await readCopy(to, 'select count(*) from sync.runs')).toEqual([[2n]]);
});

test('a run that is interrupted publishes what it has committed', async () => {
  const house = await houseOf({ rows: 2_000 });
  const stop = new AbortController();
  const watch = setInterval(() => {
    if (house.emulator.requests.length > 30) stop.abort();
  }, 5);
  const { code } = await house.sync({
    signal: stop.signal,
    env: { PUBLISH_TO: '', PAGE_SIZE: '10', BATCH_ROWS: '50' },
  });
  clearInterval(watch);
  expect(code).toBe(130);
  const [held] = await house.query('select count(*) as n from main.completions');
  expect(Number(held?.['n'])).toBeGreaterThan(0);
  expect(await readCopy(publishedPath(house.path), 'select count(*) from main.completions')).toEqual([
    [held?.['n']],
  ]);
});

test('a copy that cannot be written is a warning and a code of its own; the run has landed', async () => {
  const house = await houseOf({ rows: 50 });
  const to = join(dirname(house.path), 'gone', 'copy.duckdb');
  const { code, stderr } = await house.sync({ env: { PUBLISH_TO: to, LOG_LEVEL: 'warn' } });
  expect(code).toBe(EXIT.unpublished);
  expect(stderr).toMatch(/"level":"warn".*not published.*folder that does not exist.*PUBLISH_TO/);
  await mkdir(dirname(to));
  await house.sync({ env: { PUBLISH_TO: to } });
  expect(await readCopy(to, 'select count(*) from main.completions')).toEqual([[50n]]);
});

test('no text of prompts and answers is in the bytes of the copy, unless PUBLISH_CONTENT is full', async () => {
  const CANARY = 'kanarienvogel-5150';
  const path = await filled({
    items: Array.from({ length: 50 }, (_, index) =>
      observe(
        completion(`c-${index}`, T0 + index, {
          usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, note: `${CANARY} in usage` },
          tools: [{ type: 'function', function: { name: 'f', description: `${CANARY} in tools` } }],
          tool_choice: `${CANARY} in choice`,
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'x', schema: { title: `${CANARY} in schema` } },
          },
          moderation: { note: `${CANARY} in moderation` },
          input_messages: [{ role: 'user', content: `${CANARY} in input` }],
          [`${CANARY}-key`]: `${CANARY} in extra`,
          choices: [
            {
              index: 0,
              finish_reason: 'stop',
              logprobs: { content: [{ token: `${CANARY} in logprobs` }] },
              [`${CANARY}-field`]: 1,
              message: {
                role: 'assistant',
                content: `${CANARY} in answer`,
                refusal: `${CANARY} in refusal`,
                reasoning_content: `${CANARY} in reasoning`,
                function_call: { name: 'f', arguments: `${CANARY} in call` },
                annotations: [{ text: `${CANARY} in annotations` }],
                audio: { transcript: `${CANARY} in audio` },
                tool_calls: [
                  { id: 't', type: 'function', function: { name: 'f', arguments: `${CANARY} in arguments` } },
                ],
              },
            },
          ],
        }),
      ),
    ),
  });
  const bytes = () => readFile(publishedPath(path), 'latin1');
  expect((await run(['publish', '--warehouse', path])).code).toBe(0);
  expect(await bytes()).not.toContain(CANARY.slice(0, 8));
  await run(['publish', '--warehouse', path], { env: { PUBLISH_CONTENT: 'full' } });
  expect(await bytes()).toContain(CANARY);
  await run(['publish', '--warehouse', path]);
  expect(await bytes()).not.toContain(CANARY.slice(0, 8));
});

test('the launcher knows the commands', async () => {
  const { stdout } = await started(process.execPath, [launcher, '--help']).ended;
  expect(stdout).toMatch(/^ {2}publish /m);
  expect(stdout).toMatch(/^ {2}export /m);
});
