import { describe, expect, it } from 'vitest';
import { type CompletionId, type Item, type KnownRow, type Page, unixSeconds } from '../../src/sync/ports.ts';
import { goInside, judge, pastSecond, startWalk, type Walk } from '../../src/sync/walk.ts';

const hole = { from: unixSeconds(100), to: unixSeconds(200) };
const row = (id: string, second: number): KnownRow => ({
  id: id as CompletionId,
  createdAt: unixSeconds(second),
});

function item(id: string | null, second: number | null): Item {
  return {
    id: id as CompletionId | null,
    createdAt: second === null ? null : unixSeconds(second),
    model: 'm',
    metadata: {},
    raw: Buffer.from('{}'),
    isPlain: false,
    rejection: id === null || second === null ? 'cannot be read' : null,
  };
}

/** A page written as `a160 b159`: ids and seconds; `?` for what cannot be placed. */
function page(rows: string, hasMore: boolean | null = true): Page {
  const items = rows
    .split(' ')
    .filter((text) => text !== '')
    .map((text) => (text === '?' ? item(null, null) : item(text.slice(0, 1), Number(text.slice(1)))));
  return { items, hasMore, serverTime: null, observedAtMs: 0 };
}

const head: Walk = startWalk(hole, null);
const below = (after: KnownRow, frontier: number): Walk => ({
  ...head,
  after,
  frontier: unixSeconds(frontier),
});
const seconds = (from: number, to: number) => ({ from, to });

describe('what a page proves', () => {
  const cases: [claim: string, page: Page, walk: Walk, finding: object][] = [
    [
      'the seconds above its last one, and the next page starts after the last row above that',
      page('a180 b170 c170 d160 e160'),
      head,
      {
        kind: 'progress',
        covered: seconds(161, 200),
        next: { frontier: unixSeconds(161), after: row('c', 170) },
      },
    ],
    [
      'nothing but an order when it still lies above the hole',
      page('a260 b250'),
      below(row('z', 300), 201),
      { kind: 'progress', covered: null, next: { frontier: unixSeconds(201), after: row('b', 250) } },
    ],
    [
      'all of the hole when it reaches below',
      page('a150 b99'),
      below(row('z', 180), 180),
      { kind: 'filled', covered: seconds(100, 179) },
    ],
    [
      'not the hole’s last second while that may be cut',
      page('a150 b100'),
      below(row('z', 180), 180),
      { kind: 'progress', covered: seconds(101, 179) },
    ],
    [
      'no row of a second that fills it, but the empty seconds above',
      page('a150 b150'),
      below(row('z', 180), 180),
      { kind: 'dense', second: unixSeconds(150), covered: seconds(151, 179) },
    ],
    [
      'nothing by `has_more: false` alone: the end is to be verified',
      page('a150 b150', false),
      below(row('z', 180), 180),
      { kind: 'end' },
    ],
    [
      'nothing by being empty: the cursor may be dead',
      page('', false),
      below(row('z', 180), 180),
      { kind: 'end', oldest: null, saysMore: false },
    ],
    [
      'nothing by being empty though more is said to follow',
      page('', true),
      below(row('z', 180), 180),
      { kind: 'end', oldest: null, saysMore: true },
    ],
    [
      'nothing of the end where `has_more` is missing',
      page('a150 b149', null),
      below(row('z', 180), 180),
      { kind: 'progress' },
    ],
    [
      'that the server started over, when a row is newer than the cursor',
      page('a190 b170'),
      below(row('z', 180), 180),
      { kind: 'restarted' },
    ],
    [
      'that the server started over, when the cursor itself comes back',
      page('z180 b170'),
      below(row('z', 180), 180),
      { kind: 'restarted' },
    ],
    [
      'that the order is not kept, when `created` grows',
      page('a150 b160'),
      below(row('z', 180), 180),
      { kind: 'unsorted' },
    ],
    ['nothing when no item can be placed', page('? ?'), head, { kind: 'unplaceable' }],
    [
      'as much with an unreadable item between',
      page('a180 ? b170 c160'),
      head,
      { kind: 'progress', covered: seconds(161, 200) },
    ],
  ];
  it.each(cases)('%s', (_, asked, walk, finding) => {
    expect(judge(asked, walk)).toMatchObject(finding);
  });

  it('inside a second the next page is asked after the very last row', () => {
    const walk = goInside(
      below(row('a', 150), 151),
      row('b', 150),
      new Set([row('a', 150).id, row('b', 150).id]),
    );
    expect(judge(page('c150 d150'), walk)).toMatchObject({
      kind: 'progress',
      covered: null,
      next: { frontier: 151, after: row('d', 150), cut: new Set(['a', 'b', 'c', 'd']) },
    });
    expect(judge(page('c150 d149 e149'), walk)).toMatchObject({
      kind: 'progress',
      covered: seconds(150, 150),
      next: { after: row('e', 149), cut: new Set(['d', 'e']) },
    });
    expect(judge(page('c150 a150'), walk)).toEqual({ kind: 'repeated' });
  });

  it('below a second that was dealt with, the walk goes on after one of its rows', () => {
    expect(pastSecond(below(row('z', 180), 151), row('b', 150))).toMatchObject({
      frontier: 150,
      after: row('b', 150),
      goesInside: false,
    });
  });
});
