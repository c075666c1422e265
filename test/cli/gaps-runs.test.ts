import { expect, test } from 'vitest';
import type { Gap } from '../../src/sync/ports.ts';
import { batch, completion, observe, open, range, startRun } from '../warehouse/support.ts';
import { filled, run, T0 } from './support.ts';

const SECRET = 'the prompt nobody may see';
const rejected = observe({ object: 'chat.completion', created: T0, id: 'chatcmpl-bad', choices: SECRET });
const dense: Gap = {
  ...range(T0, T0),
  kind: 'dense',
  rowsSeen: 100,
  rowsMissingEstimate: 3,
  detail: 'tried thrice',
};

test('gaps and rejected items are listed, without any of their text', async () => {
  const path = await filled({ gaps: [dense], items: [rejected] });
  const { code, stdout } = await run(['gaps', '--warehouse', path]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/test +dense +2025-01-01 00:00:00Z +1 s +100 +3 +open +tried thrice/);
  expect(stdout).toContain('chatcmpl-bad');
  expect(stdout).not.toContain(SECRET);
  const json = await run(['gaps', '--json', '--warehouse', path]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    gaps: [{ source: 'test', kind: 'dense', seconds: 1, rows_missing_estimate: 3, current: true }],
    rejected: [{ id: 'chatcmpl-bad', raw_length: rejected.item.raw.length }],
  });
  expect(json.stdout).not.toContain(SECRET);
});

test('resolved gaps are listed with --all only', async () => {
  const path = await filled({ gaps: [dense] });
  const warehouse = await open(path);
  await warehouse.load(batch(await startRun(warehouse), { covered: [range(T0 - 1, T0 + 1)] }));
  await warehouse.close();
  expect((await run(['gaps', '--warehouse', path])).stdout).toBe('no gaps\nno rejected items\n');
  expect((await run(['gaps', '--all', '--warehouse', path])).stdout).toContain('resolved 20');
  expect((await run(['gaps', '--all', '--check', '--warehouse', path])).code).toBe(0);
});

test.each([
  ['an open gap', { gaps: [dense] }, 3],
  ['a rejected item', { items: [rejected] }, 3],
  [
    'a rejected item that a later run could read',
    { items: [rejected, observe(completion('chatcmpl-bad', T0))] },
    0,
  ],
  ['nothing missing', { items: [observe(completion('a', T0))] }, 0],
])('--check with %s', async (_title, fields, code) => {
  const path = await filled(fields);
  expect((await run(['gaps', '--check', '--warehouse', path])).code).toBe(code);
  expect((await run(['gaps', '--warehouse', path])).code).toBe(0);
});

test('a gap of settings no longer used is marked and fails no check', async () => {
  const path = await filled({ gaps: [dense] });
  const warehouse = await open(path);
  await warehouse.startRun({
    source: 'test',
    scope: 'https://new.example/v1',
    kind: 'sync',
    range: range(T0, T0),
    startedAtMs: T0 * 1000 + 60_000,
  });
  await warehouse.close();
  const { code, stdout } = await run(['gaps', '--check', '--warehouse', path]);
  expect(code).toBe(0);
  expect(stdout).toContain('open, of settings no longer used');
});

test('runs are listed newest first, as a table and as JSON', async () => {
  const end = {
    status: 'landed',
    finishedAtMs: T0 * 1000 + 65_000,
    unprovenSeconds: 0,
    error: null,
  } as const;
  const path = await filled({ items: [observe(completion('a', T0))], end });
  const warehouse = await open(path);
  const runId = await warehouse.startRun({
    source: 'test',
    scope: 's',
    kind: 'backfill',
    range: range(T0, T0),
    startedAtMs: T0 * 1000 + 70_000,
  });
  const error = 'TransientError: listing stored completions failed (503)';
  await warehouse.load(
    batch(runId, { end: { status: 'failed', finishedAtMs: T0 * 1000 + 71_000, unprovenSeconds: 9, error } }),
  );
  await warehouse.close();

  const { stdout } = await run(['runs', '--warehouse', path]);
  const lines = stdout.split('\n');
  expect(lines[1]).toMatch(/^2025-01-01 00:01:10Z +test +backfill +failed +1 s .* 9 +TransientError/);
  expect(lines[2]).toMatch(/^2025-01-01 00:00:00Z +test +sync +landed +1 min/);
  const json = JSON.parse((await run(['runs', '--json', '--limit', '1', '--warehouse', path])).stdout);
  expect(json).toMatchObject([{ kind: 'backfill', status: 'failed', elapsed_seconds: 1, error }]);
});

test('a source that the warehouse does not know is no empty list', async () => {
  const path = await filled();
  for (const command of ['runs', 'gaps']) {
    const { code, stderr } = await run([command, '--source', 'tset', '--warehouse', path]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'tokenhouse: --source names a source that the warehouse does not know; it has: test\n',
    );
  }
});
