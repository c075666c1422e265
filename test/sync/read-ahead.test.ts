import { describe, expect, it } from 'vitest';
import { CursorGoneError } from '../../src/errors.ts';
import {
  type CompletionId,
  type CompletionSource,
  type KnownRow,
  NO_FILTER,
  type OnTail,
  type Page,
  type PageRequest,
  unixSeconds,
} from '../../src/sync/ports.ts';
import { ReadAhead } from '../../src/sync/read-ahead.ts';

const after = (id: string | null): PageRequest => ({
  after: id as CompletionId | null,
  order: 'desc',
  pageSize: 100,
  filter: NO_FILTER,
});
const row = (id: string): KnownRow => ({ id: id as CompletionId, createdAt: unixSeconds(5) });
const page = (): Page => ({ items: [], hasMore: true, serverTime: null, observedAtMs: 0 });

/** A source whose pages come, and show their end, when the test says so. */
function source() {
  const asked: {
    request: PageRequest;
    onTail: OnTail | undefined;
    come: (page: Page) => void;
    fail: (error: Error) => void;
    signal: AbortSignal;
  }[] = [];
  const fetchPage = (request: PageRequest, signal: AbortSignal, onTail?: OnTail) =>
    new Promise<Page>((come, fail) => {
      asked.push({ request, onTail, come, fail, signal });
    });
  const tail = (place: number, id: string) =>
    asked[place]?.onTail?.({ hasMore: true, last: row('last'), lastOfOtherSecond: row(id) });
  return { asked, tail, source: { fetchPage } as unknown as CompletionSource };
}

const toNext = ({ lastOfOtherSecond }: { lastOfOtherSecond: KnownRow | null }) =>
  lastOfOtherSecond && after(lastOfOtherSecond.id);

describe('reading ahead', () => {
  it('asks for the next page when the end of the last one is known, before that is read', async () => {
    const { asked, tail, source: from } = source();
    const ahead = new ReadAhead(from, new AbortController().signal);
    const first = ahead.fetch(after(null), toNext);
    tail(0, 'a');
    expect(asked.map(({ request }) => request.after)).toEqual([null, 'a']);
    const one = page();
    asked[0]?.come(one);
    expect(await first).toBe(one);
    // The second page's end comes before anybody has asked for it.
    tail(1, 'b');
    expect(asked).toHaveLength(2);
    const second = ahead.fetch(after('a'), toNext);
    expect(asked.map(({ request }) => request.after)).toEqual([null, 'a', 'b']);
    asked[1]?.come(page());
    await second;
  });

  it('is never more than one page ahead', () => {
    const { asked, tail, source: from } = source();
    const ahead = new ReadAhead(from, new AbortController().signal);
    void ahead.fetch(after(null), toNext);
    tail(0, 'a');
    tail(0, 'b');
    tail(1, 'c');
    expect(asked.map(({ request }) => request.after)).toEqual([null, 'a']);
  });

  it('drops a page that is not asked for, and what that fails with', async () => {
    const { asked, tail, source: from } = source();
    const ahead = new ReadAhead(from, new AbortController().signal);
    const first = ahead.fetch(after(null), toNext);
    tail(0, 'a');
    asked[0]?.come(page());
    await first;
    const other = ahead.fetch({ ...after('a'), pageSize: 10 }, null);
    expect(asked.map(({ request }) => request.pageSize)).toEqual([100, 100, 10]);
    asked[1]?.fail(new Error('nobody is told'));
    asked[2]?.come(page());
    await other;
  });

  it('an error comes with the page that it belongs to', async () => {
    const { asked, tail, source: from } = source();
    const ahead = new ReadAhead(from, new AbortController().signal);
    const first = ahead.fetch(after(null), toNext);
    tail(0, 'a');
    asked[1]?.fail(new CursorGoneError('a'));
    asked[0]?.come(page());
    await first;
    await expect(ahead.fetch(after('a'), toNext)).rejects.toThrow(CursorGoneError);
  });

  it('what is on its way ends with the run, and with its abort', async () => {
    const { asked, tail, source: from } = source();
    const controller = new AbortController();
    const ahead = new ReadAhead(from, controller.signal);
    const first = ahead.fetch(after(null), toNext);
    tail(0, 'a');
    controller.abort(new Error('stop'));
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    asked[0]?.fail(new Error('aborted'));
    await expect(first).rejects.toThrow('stop');
    const other = new ReadAhead(from, new AbortController().signal);
    void other.fetch(after(null), null).catch(() => {});
    other.close();
    expect(asked[2]?.signal.aborted).toBe(true);
  });
});
