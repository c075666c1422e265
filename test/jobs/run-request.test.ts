import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deduplicationId, type RunJob, readRunJob } from '../../jobs/payloads.ts';
import { progressOf } from '../../jobs/progress.ts';
import { requestOf, resumed } from '../../jobs/run-request.ts';
import { TerminalError } from '../../src/errors.ts';
import { NO_COUNTS, unixSeconds } from '../../src/sync/ports.ts';
import type { SyncProgress } from '../../src/sync/sync.ts';

const NOW = unixSeconds(1_750_000_000);
const progressAt = (reached: number, pagesLeft: number | null = null): SyncProgress => ({
  counts: { ...NO_COUNTS, rowsRead: 10, pages: 2 },
  reached: unixSeconds(reached),
  walkers: 1,
  pagesLeft,
});
const backfill = (more: object = {}): RunJob => ({
  name: 'backfill',
  data: { source: 'openai', since: NOW - 1_000, until: null, reread: false, withMessages: false, ...more },
});

describe('a job as a stretch to read', () => {
  it('the nightly sync has none of its own, a sweep its days, a backfill what was asked for', () => {
    expect(requestOf({ name: 'nightly-sync', data: { source: 'openai' } }, NOW)).toEqual({
      kind: 'sync',
      since: null,
      until: null,
      isExplicit: false,
      reread: false,
      withMessages: false,
    });
    expect(requestOf({ name: 'sweep', data: { source: 'openai', days: 2 } }, NOW)).toMatchObject({
      kind: 'sweep',
      since: NOW - 172_800,
      until: null,
      isExplicit: true,
      reread: true,
    });
    expect(requestOf(backfill({ until: NOW - 10, withMessages: true }), NOW)).toMatchObject({
      kind: 'backfill',
      since: NOW - 1_000,
      until: NOW - 10,
      reread: false,
      withMessages: true,
    });
  });

  it('interrupted anywhere and however often, a job that reads again reads every second once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 20 }), (steps) => {
        let job = backfill({ reread: true, until: NOW });
        const read = new Map<number, number>();
        const take = (from: number, to: number) => {
          for (let second = from; second <= to; second += 1) read.set(second, (read.get(second) ?? 0) + 1);
        };
        for (const step of steps) {
          const request = requestOf(job, NOW);
          if (request === null) break;
          const top = Number(request.until);
          const reached = Math.max(top + 1 - step, Number(request.since));
          take(reached, top);
          job = { ...job, data: resumed(job.data, request, progressAt(reached)) } as RunJob;
        }
        const last = requestOf(job, NOW);
        if (last !== null) take(Number(last.since), Number(last.until));
        expect(read.size).toBe(1_001);
        expect([...read.values()].every((times) => times === 1)).toBe(true);
      }),
    );
  });

  it('stopped before the first page, or on its way through holes, it begins where coverage says', () => {
    const again = backfill({ reread: true });
    const request = requestOf(again, NOW);
    if (request === null) throw new Error('there is something to read');
    expect(resumed(again.data, request, null)).toEqual(again.data);
    const plain = backfill();
    const first = requestOf(plain, NOW);
    if (first === null) throw new Error('there is something to read');
    expect(resumed({ ...plain.data, isCancelled: true }, first, progressAt(NOW - 500))).toEqual(plain.data);
  });
});

describe('what a job carries', () => {
  it('runs of one source and stretch are one, others are others', () => {
    const ids = [
      deduplicationId({ name: 'nightly-sync', data: { source: 'openai' } }),
      deduplicationId({ name: 'nightly-sync', data: { source: 'prod' } }),
      deduplicationId({ name: 'sweep', data: { source: 'openai', days: 30 } }),
      deduplicationId(backfill()),
      deduplicationId(backfill({ since: 5 })),
      deduplicationId(backfill({ reread: true })),
      deduplicationId(backfill({ withMessages: true })),
      deduplicationId(backfill({ until: NOW })),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    // What a worker notes down in it makes no other job of it.
    expect(deduplicationId(backfill({ resumeBelow: 7 }))).toBe(deduplicationId(backfill()));
    // A colon would part the keys of Redis elsewhere.
    expect(ids.filter((id) => id.includes(':'))).toEqual([]);
  });

  it('what is not a job is refused, without a word of what it holds', () => {
    fc.assert(
      fc.property(fc.anything(), (data) => {
        expect(() => readRunJob('sweep', { canary: data })).toThrow(TerminalError);
      }),
    );
    expect(() => readRunJob('hourly', {})).toThrow('no job called hourly');
    expect(() => readRunJob('sweep', { source: 'openai', days: 'canary' })).toThrow(/\(days\)/);
    expect(() => readRunJob('toString', {})).toThrow(TerminalError);
    expect(readRunJob('sweep', { source: 'openai', days: 3 })).toEqual({
      name: 'sweep',
      data: { source: 'openai', days: 3 },
    });
  });
});

describe('progress of a job', () => {
  it('has a share from the start and an estimate once there is something to go by', () => {
    expect(progressOf(null, true, 0)).toMatchObject({ percent: 0, secondsLeft: null, isWaiting: true });
    expect(progressOf(progressAt(5, 6), false, 1_000)).toMatchObject({ percent: 25, secondsLeft: null });
    expect(progressOf(progressAt(5, 6), false, 10_000)).toMatchObject({
      rows: 10,
      pages: 2,
      secondsLeft: 30,
    });
    expect(progressOf(progressAt(5, 0), false, 10_000)).toMatchObject({ percent: 100, secondsLeft: 0 });
    expect(progressOf(progressAt(5), false, 10_000)).toMatchObject({ percent: 0, secondsLeft: null });
  });
});
