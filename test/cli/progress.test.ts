import { expect, test } from 'vitest';
import { createProgress, durationText, type ProgressState, progressText } from '../../src/cli/progress.ts';
import { statusLine } from '../../src/cli/status-line.ts';
import { createLog } from '../../src/log.ts';
import { unixSeconds } from '../../src/sync/ports.ts';
import { TextSink } from '../support/streams.ts';

const state: ProgressState = {
  label: 'prod',
  rows: 12_000,
  pages: 120,
  walkers: 1,
  reachedAt: unixSeconds(Date.UTC(2026, 10, 1) / 1_000),
  share: 0.25,
};
const JSON_LOG = { level: 'info', format: 'json', color: false } as const;

test('the line tells rows, pages, rate, the second reached and the time left', () => {
  expect(progressText(state, 10_000)).toBe(
    'prod · 12,000 rows · 120 pages · 1,200 rows/s · at 2026-11-01 00:00:00Z · 25% · 30 s left',
  );
  expect(progressText({ ...state, rows: 0, pages: 0, reachedAt: null, share: null }, 0)).toBe(
    'prod · 0 rows · 0 pages · 0 rows/s',
  );
});

test.each([
  [0, '0 s'],
  [59, '59 s'],
  [60, '1 min'],
  [3_599, '1 h'],
  [12_000, '3 h 20 min'],
])('%i seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

test('without a terminal it is logged every ten seconds', () => {
  const sink = new TextSink();
  const clock = { ms: 0 };
  const progress = createProgress(null, createLog(JSON_LOG, sink, false), () => clock.ms);
  for (; clock.ms <= 25_000; clock.ms += 100) progress.update(state);
  progress.end();
  const events = sink.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events).toHaveLength(2);
  expect(events[0]).toMatchObject({
    msg: 'progress',
    source: 'prod',
    rows: 12_000,
    pages: 120,
    secondsLeft: 30,
  });
});

test('on a terminal one line is written over, cut to its width, and taken away at the end', () => {
  const sink = new TextSink();
  const line = statusLine(sink, () => 20);
  const clock = { ms: 0 };
  const progress = createProgress(line, createLog(JSON_LOG, sink, false), () => clock.ms);
  progress.update(state);
  progress.update({ ...state, rows: 12_001 });
  clock.ms += 200;
  progress.update({ ...state, rows: 12_100 });
  line.above.write('a log line\n');
  progress.end();
  expect(sink.text.split('\r\u001b[2K')).toEqual([
    '',
    'prod · 12,000 rows ',
    'prod · 12,100 rows ',
    'a log line\nprod · 12,100 rows ',
    '',
  ]);
});
