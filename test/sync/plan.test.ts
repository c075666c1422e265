import { describe, expect, it } from 'vitest';
import { judgeEnd, type PlanQuestion, planRun, settledPart } from '../../src/sync/plan.ts';
import { type Gap, type SecondRange, unixSeconds } from '../../src/sync/ports.ts';

const range = (from: number, to: number) => ({ from, to }) as SecondRange;
const gap = (kind: Gap['kind'], from: number, to: number): Gap => ({
  ...range(from, to),
  kind,
  rowsSeen: 0,
  rowsMissingEstimate: null,
  detail: '',
});
const question: PlanQuestion = {
  now: unixSeconds(10_000_000),
  cutoff: unixSeconds(9_000_000),
  until: null,
  isExplicit: false,
  reread: false,
  coverage: [],
  gaps: [],
  retentionSeconds: 2_592_000,
};
const holesOf = (changes: Partial<PlanQuestion>) => planRun({ ...question, ...changes }).holes;

describe('the holes of a run', () => {
  it.each<[claim: string, changes: Partial<PlanQuestion>, holes: SecondRange[]]>([
    ['are the whole stretch on a first run', {}, [range(9_000_000, 10_000_000)]],
    [
      'are what is not covered, newest first',
      { coverage: [range(9_100_000, 9_200_000), range(9_300_000, 9_400_000)] },
      [range(9_400_001, 10_000_000), range(9_200_001, 9_299_999), range(9_000_000, 9_099_999)],
    ],
    [
      'go on from the last coverage, when the worker was away for longer than the cutoff reaches',
      { coverage: [range(8_000_000, 8_500_000)] },
      [range(8_500_001, 10_000_000)],
    ],
    [
      'keep to the stretch a person named',
      { coverage: [range(8_000_000, 8_500_000)], isExplicit: true },
      [range(9_000_000, 10_000_000)],
    ],
    ['end at `until`', { until: unixSeconds(9_500_000) }, [range(9_000_000, 9_500_000)]],
    ['never lie in the future', { until: unixSeconds(99_000_000) }, [range(9_000_000, 10_000_000)]],
    [
      'are everything when covered seconds are read again',
      { coverage: [range(9_000_000, 9_900_000)], reread: true },
      [range(9_000_000, 10_000_000)],
    ],
    [
      'leave out what was lost to retention',
      { coverage: [range(6_000_000, 6_500_000)], gaps: [gap('retention', 6_500_001, 7_000_000)] },
      [range(7_000_001, 10_000_000)],
    ],
    [
      'try a dense second again while the API may still hold it',
      {
        gaps: [gap('dense', 9_500_000, 9_500_000)],
        coverage: [range(9_000_000, 9_499_999), range(9_500_001, 9_999_999)],
      },
      [range(10_000_000, 10_000_000), range(9_500_000, 9_500_000)],
    ],
    [
      'leave out a dense second of which nothing seems to be missing',
      {
        gaps: [{ ...gap('dense', 9_500_000, 9_500_000), rowsMissingEstimate: 0 }],
        coverage: [range(9_000_000, 9_499_999), range(9_500_001, 9_999_999)],
      },
      [range(10_000_000, 10_000_000)],
    ],
    [
      'leave out a dense second that the API has forgotten',
      {
        gaps: [gap('dense', 6_000_000, 6_000_000)],
        coverage: [range(5_000_000, 5_999_999), range(6_000_001, 9_999_999)],
      },
      [range(10_000_000, 10_000_000)],
    ],
    [
      'hold it again when a person names it',
      {
        cutoff: unixSeconds(6_000_000),
        isExplicit: true,
        gaps: [gap('dense', 6_000_000, 6_000_000)],
        coverage: [range(6_000_001, 10_000_000)],
      },
      [range(6_000_000, 6_000_000)],
    ],
  ])('%s', (_, changes, holes) => {
    expect(holesOf(changes)).toEqual(holes);
  });
});

describe('what the end of the list says of the rest of a hole', () => {
  const now = unixSeconds(10_000);
  it.each<
    [
      claim: string,
      rest: SecondRange,
      oldest: number | null,
      retention: number | null,
      covered: SecondRange | null,
      expired: SecondRange | null,
    ]
  >([
    ['an API that keeps rows for ever: it is empty', range(100, 900), 950, null, range(100, 900), null],
    ['young enough to be kept: it is empty', range(9_500, 9_900), 9_950, 1_000, range(9_500, 9_900), null],
    [
      'older than rows are kept: they may have expired',
      range(100, 9_900),
      9_950,
      1_000,
      range(9_000, 9_900),
      range(100, 8_999),
    ],
    [
      'an older row is still served: nothing younger has expired',
      range(100, 9_900),
      500,
      1_000,
      range(500, 9_900),
      range(100, 499),
    ],
    ['wholly older: all of it may have expired', range(100, 200), 9_950, 1_000, null, range(100, 200)],
    [
      'an empty list proves what is young enough',
      range(100, 9_900),
      null,
      1_000,
      range(9_000, 9_900),
      range(100, 8_999),
    ],
  ])('%s', (_, rest, oldest, retention, covered, expired) => {
    expect(judgeEnd(rest, oldest === null ? null : unixSeconds(oldest), now, retention)).toEqual({
      covered,
      expired,
    });
  });
});

it('nothing younger than the settle window is marked as covered', () => {
  expect(settledPart(range(10, 20), unixSeconds(15))).toEqual(range(10, 15));
  expect(settledPart(range(10, 20), unixSeconds(9))).toBeNull();
  expect(settledPart(null, unixSeconds(9))).toBeNull();
});
