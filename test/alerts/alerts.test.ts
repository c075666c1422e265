import { describe, expect, test } from 'vitest';
import { type AlertQuestion, alertsOf } from '../../src/alerts/alerts.ts';
import { TerminalError } from '../../src/errors.ts';
import type { SourceHealth } from '../../src/health/source-health.ts';
import type { SourceState } from '../../src/warehouse/read/read-state.ts';
import { range, T0 } from '../warehouse/support.ts';

const DAY = 86_400;
const HELD: SourceState = {
  source: 'prod',
  rows: 10,
  oldestCreatedAt: null,
  newestCreatedAt: null,
  lastSyncedId: null,
  lastSyncedAt: null,
  oldestServedAt: null,
  coveredSeconds: 1,
  openGaps: 0,
  rejected: 0,
};
const status = (over: Partial<SourceHealth>, held: Partial<SourceState> = {}): AlertQuestion['status'] => ({
  held: { ...HELD, ...held },
  health: {
    covered: range(T0 - DAY, T0),
    holes: [],
    holeSeconds: 0,
    unreadSeconds: 0,
    oldestUnreadAt: range(T0, T0).from,
    secondsToExpiry: 29 * DAY,
    expiredSeconds: 0,
    days: [],
    ...over,
  },
});
const calm: AlertQuestion = {
  source: 'prod',
  kind: 'sync',
  error: null,
  gapsNew: [],
  status: status({}),
  expiryDays: 5,
  nowMs: T0 * 1000,
};
const gap = (
  kind: 'dense' | 'unreadable' | 'retention',
  from: number,
  to = from,
  missing: number | null = null,
) => ({
  ...range(from, to),
  kind,
  rowsSeen: 100,
  rowsMissingEstimate: missing,
  detail: 'tried',
});

test('a run that landed with nothing missing is nobody’s business', () => {
  expect(alertsOf(calm)).toEqual([]);
  expect(alertsOf({ ...calm, status: null })).toEqual([]);
});

describe('a run that failed', () => {
  test('says what to do, and has one key a day', () => {
    const error = new TerminalError('OPENAI_API_KEY was refused: set another');
    const [alert, ...more] = alertsOf({ ...calm, error });
    expect(more).toEqual([]);
    expect(alert).toEqual({
      text: 'Tokenhouse: the sync of prod failed: OPENAI_API_KEY was refused: set another',
      kind: 'run_failed',
      key: 'run_failed/prod/sync/2025-01-01',
      severity: 'critical',
      source: 'prod',
      at: '2025-01-01T00:00:00Z',
      fields: {
        run_kind: 'sync',
        error: 'TerminalError',
        reason: 'OPENAI_API_KEY was refused: set another',
      },
    });
    const later = alertsOf({ ...calm, error, nowMs: (T0 + 3_600) * 1000 });
    expect(later[0]?.key).toBe(alert?.key);
    expect(alertsOf({ ...calm, error, nowMs: (T0 + DAY) * 1000 })[0]?.key).not.toBe(alert?.key);
  });

  test('with an error that is not ours does not show its message', () => {
    const alerts = alertsOf({ ...calm, error: new SyntaxError('canary is not valid JSON') });
    expect(JSON.stringify(alerts)).not.toContain('canary');
    expect(alerts[0]?.fields).toMatchObject({ error: 'unexpected' });
    expect(alertsOf({ ...calm, error: undefined })[0]?.kind).toBe('run_failed');
  });
});

describe('seconds that are about to expire', () => {
  const cases: readonly (readonly [seconds: number | null, severity: string | null, words: string])[] = [
    [null, null, ''],
    [5 * DAY + 1, null, ''],
    [5 * DAY, 'warning', 'in 5.0 days'],
    [DAY + 8_640, 'warning', 'in 1.1 days'],
    [DAY, 'critical', 'in 1.0 days'],
    [8_639, 'critical', 'forgets now'],
    [0, 'critical', 'forgets now'],
  ];
  test.each(cases)('%s seconds before: %s', (secondsToExpiry, severity, words) => {
    const [alert] = alertsOf({ ...calm, status: status({ secondsToExpiry }) });
    expect(alert?.severity ?? null).toBe(severity);
    expect(alert?.text ?? '').toContain(words);
    if (severity !== null) expect(alert?.key).toBe('expiry_near/prod/2025-01-01');
  });

  test('are nothing to a project that lists nothing, and something to one that was read in part', () => {
    const open = { covered: null, secondsToExpiry: 0 };
    expect(alertsOf({ ...calm, status: status(open, { rows: 0 }) })).toEqual([]);
    expect(alertsOf({ ...calm, status: status(open, { rows: 1 }) })).toHaveLength(1);
  });
});

test('gaps that were found are one alert, whatever their number', () => {
  const [one] = alertsOf({ ...calm, gapsNew: [gap('dense', T0)] });
  expect(one?.text).toBe('Tokenhouse: prod has a new gap (1 dense) of 1 second: see `tokenhouse gaps`');
  const gapsNew = [
    gap('dense', T0 - 5, T0 - 5, 6.6),
    gap('retention', T0 - 9, T0 - 8),
    gap('dense', T0, T0, 3),
  ];
  const [many, ...more] = alertsOf({ ...calm, gapsNew });
  expect(more).toEqual([]);
  expect(many).toMatchObject({
    text: 'Tokenhouse: prod has 3 new gaps (2 dense, 1 retention) of 4 seconds, some 10 rows missing: see `tokenhouse gaps`',
    kind: 'gap_found',
    severity: 'warning',
    key: `gap_found/prod/retention/${T0 - 9}-${T0}`,
    fields: {
      gaps: 3,
      seconds: 4,
      rows_missing_estimate: 10,
      from: '2024-12-31T23:59:51Z',
      to: '2025-01-01T00:00:00Z',
    },
  });
});

test('a run may be worth several alerts, the heaviest first', () => {
  const kinds = alertsOf({
    ...calm,
    error: new TerminalError('no'),
    gapsNew: [gap('unreadable', T0)],
    status: status({ secondsToExpiry: 0 }),
  }).map(({ kind }) => kind);
  expect(kinds).toEqual(['run_failed', 'expiry_near', 'gap_found']);
});
