import { describe, expect, test } from 'vitest';
import { beatOf, isWellBeside, sendHeartbeat } from '../../src/alerts/heartbeat.ts';
import type { SeenRun } from '../../src/health/seen-run.ts';
import { createLog } from '../../src/log.ts';
import { TextSink } from '../support/streams.ts';
import { switchOf } from '../support/webhook.ts';

const PATH = '/ping/canary-secret';

async function sent(url: string, beat: 'landed' | 'failed'): Promise<string> {
  const logged = new TextSink();
  await sendHeartbeat(url, beat, createLog({ level: 'trace', format: 'json', color: false }, logged, false));
  expect(logged.text).not.toMatch(/canary|127\.0\.0\.1/);
  return logged.text;
}

test('a landed run asks for the URL itself, a failed one for /fail behind its path; the query stays where it is', async () => {
  const { url, asked } = await switchOf();
  await sent(url, 'landed');
  await sent(url, 'failed');
  await sent(url.replace('?', '/?'), 'failed');
  expect(asked).toEqual([
    `GET ${PATH}?rid=canary-token`,
    `GET ${PATH}/fail?rid=canary-token`,
    `GET ${PATH}/fail?rid=canary-token`,
  ]);
});

test('what may pass is asked again a few times, what will not is not; either is a warning that names the setting', async () => {
  const away = await switchOf((nth) =>
    nth === 1 ? (response) => response.destroy() : nth === 2 ? 503 : 200,
  );
  expect(await sent(away.url, 'landed')).toContain('heartbeat sent');
  expect(away.asked).toHaveLength(3);
  for (const status of [404, 302]) {
    const refused = await switchOf(() => status);
    const log = await sent(refused.url, 'landed');
    expect(log).toContain(`HEARTBEAT_URL answered with status ${status}: check the URL`);
    expect(refused.asked).toHaveLength(1);
  }
});

describe('one command over several sources', () => {
  test.each([
    [['landed', 'landed'], 'landed'],
    [['landed', 'failed'], 'failed'],
    [['failed', 'interrupted'], 'failed'],
    [['landed', 'interrupted'], null],
    [[], null],
  ] as const)('%j is %j', (statuses, beat) => {
    expect(beatOf(statuses)).toBe(beat);
  });
});

describe('a source that lands in a worker speaks for the others', () => {
  const run = (kind: SeenRun['kind'], status: SeenRun['status']) => ({ kind, status }) as SeenRun;
  const other = (runs: readonly SeenRun[], lastLandedAt: string | null = '2025-01-01T00:00:00Z') => ({
    source: 'eu',
    runs,
    lastLandedAt,
  });
  test.each([
    ['one that landed', other([run('sync', 'landed')]), true],
    ['one whose newest sync failed', other([run('sync', 'failed'), run('sync', 'landed')]), false],
    ['one whose backfill failed', other([run('backfill', 'failed'), run('sync', 'landed')]), true],
    ['one that was just added', other([], null), true],
    ['one that is overdue', other([run('sync', 'landed')], '2024-12-01T00:00:00Z'), false],
  ] as const)('unless not: %s', (_, status, isWell) => {
    const isOverdue = (_source: string, landedAtMs: number) => landedAtMs < Date.parse('2024-12-31');
    expect(isWellBeside([other([run('sync', 'landed')]), status], isOverdue)).toBe(isWell);
  });
});
