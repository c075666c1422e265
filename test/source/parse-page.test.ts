import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textAt } from '../../src/completion/json-bytes.ts';
import * as page from '../../src/source/parse-page.ts';
import type { EndpointKind } from '../../src/source/settings.ts';
import type { PageTail } from '../../src/sync/ports.ts';
import { jsonText } from '../completion/json-text.ts';
import { textOf } from '../support/items.ts';
import { completion, corpusLines, hasCorpus } from './support.ts';

/** What is in a reply, the elements as texts; `cut` where one is no JSON. */
async function parseList(text: string) {
  const bytes = Buffer.from(text);
  const list = page.parseList(bytes);
  if (list.kind !== 'list') return list;
  if ((await page.parseItems(bytes, list, 'openai')) === null) return { kind: 'cut' };
  return { ...list, elements: list.elements.map((element) => textAt(bytes, element)) };
}

async function parseItems(
  elements: readonly string[],
  kind: EndpointKind,
  onTail?: (tail: PageTail) => void,
) {
  const bytes = Buffer.from(`{"data":[${elements.join(',')}],"has_more":true}`);
  const list = page.parseList(bytes);
  if (list.kind !== 'list') throw new Error('not a list');
  return (await page.parseItems(bytes, list, kind, onTail)) ?? [];
}

describe('parseList', () => {
  test('cuts the elements out of any list to the character', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(jsonText),
        fc.constantFrom('', ' ', '\r\n\t'),
        fc.boolean(),
        async (elements, space, hasMore) => {
          const decoy = `"note":"\\"data\\":[1]","nested":{"data":[2],"has_more":${!hasMore}}`;
          const text = `${space}{${decoy},${space}"data"${space}:${space}[${elements.join(',')}]${space},"has_more":${hasMore}}`;
          expect(await parseList(text)).toEqual({
            kind: 'list',
            elements: elements.map((one) => one.trim().toWellFormed()),
            hasMore,
          });
        },
      ),
    );
  });

  test.each([
    ['the last of two lists counts', '{"data":[1],"data":[2]}', ['2'], null],
    ['an escaped key is the key', '{"d\\u0061ta":[1]}', ['1'], null],
    ['no has_more is null', '{"data":[]}', [], null],
    ['has_more as text is null', '{"data":[],"has_more":"true"}', [], null],
    [
      'ids of the page may be anything',
      '{"data":[],"first_id":"","last_id":null,"has_more":false}',
      [],
      false,
    ],
    ['more of it is no harm', '{"object":"list","total":7,"data":[{}],"has_more":true}', ['{}'], true],
  ])('%s', async (_title, text, elements, hasMore) => {
    expect(await parseList(text)).toEqual({ kind: 'list', elements, hasMore });
  });

  test.each([
    ['', 'cut'],
    ['  \n', 'cut'],
    ['{"data":[{"id":"a"', 'cut'],
    ['[1,', 'cut'],
    ['{"data":[{]}', 'cut'],
    ['<!doctype html><title>Log in</title>', 'foreign'],
    ['OK', 'foreign'],
    ['[]', 'no-list'],
    ['7', 'no-list'],
    ['null', 'no-list'],
    ['{}', 'no-list'],
    ['{"data":null}', 'no-list'],
    ['{"data":{"data":[]}}', 'no-list'],
    ['{"data":[1],"data":"x"}', 'no-list'],
  ])('%j is %s', async (text, kind) => {
    expect((await parseList(text)).kind).toBe(kind);
  });

  test('every prefix of a page is cut', async () => {
    const text = JSON.stringify({ object: 'list', data: [completion('a', 1)], has_more: false });
    for (let length = 0; length < text.length; length++)
      expect((await parseList(text.slice(0, length))).kind).toBe('cut');
  });
});

describe('parseItems', () => {
  const raws = (...items: readonly unknown[]) => items.map((item) => JSON.stringify(item));

  test('the second of one id and one second on a page is rejected and can still be placed', async () => {
    const items = await parseItems(
      raws(completion('a', 1), completion('b', 1), completion('a', 1)),
      'openai',
    );
    expect(items.map((item) => item.rejection)).toEqual([null, null, 'same id twice on one page']);
    expect(items[2]).toMatchObject({ id: 'a', createdAt: 1 });
  });

  test('one id in two seconds is two rows, as OGX may have it', async () => {
    const items = await parseItems(raws(completion('a', 2), completion('a', 1)), 'openai');
    expect(items.map((item) => item.rejection)).toEqual([null, null]);
  });

  test('a broken copy does not cost the good one', async () => {
    const items = await parseItems(raws(completion('a', 1, { choices: 0 }), completion('a', 1)), 'openai');
    expect(items.map((item) => item.rejection)).toEqual(['choices is not an array', null]);
  });

  test.each([
    ['two seconds', [3, 3, 2, 1, 1], 1, 2],
    ['one row', [5], 5, null],
    ['one second', [4, 4, 4], 4, null],
  ])('its end is told first: %s', async (_title, seconds, last, other) => {
    const tails: PageTail[] = [];
    const elements = raws(...seconds.map((second, place) => completion(`c${place}`, second)));
    const items = await parseItems(elements, 'openai', (tail) => tails.push(tail));
    expect(items.map(({ id }) => id)).toEqual(seconds.map((_second, place) => `c${place}`));
    expect(tails).toMatchObject([{ hasMore: true, last: { id: `c${seconds.length - 1}`, createdAt: last } }]);
    expect(tails[0]?.lastOfOtherSecond?.createdAt ?? null).toBe(other);
  });

  test('nothing is told of the end of a page whose last row cannot be placed', async () => {
    const tails: PageTail[] = [];
    await parseItems(['{}'], 'openai', (tail) => tails.push(tail));
    await parseItems([], 'openai', (tail) => tails.push(tail));
    expect(tails).toEqual([]);
  });

  test.runIf(hasCorpus)(
    'recorded stored lists are accepted whole, and plain but where a tool was called',
    async () => {
      let rows = 0;
      for (const line of corpusLines('stored_api.jsonl')) {
        const recorded = JSON.parse(line) as { uri: string; response_body: { data?: unknown[] } };
        if (!/\/chat\/completions(?:\?|$)/.test(recorded.uri) || !Array.isArray(recorded.response_body.data))
          continue;
        // The text of the reply inside the line, which JSON.parse would have rounded.
        const text = line.slice(line.indexOf('"response_body":') + '"response_body":'.length, -1).trim();
        const list = await parseList(text);
        if (!('elements' in list)) throw new Error('not a list');
        for (const item of await parseItems(list.elements, 'openai')) {
          rows++;
          expect(item.rejection).toBeNull();
          expect(item.isPlain, textOf(item)).toBe(true);
        }
      }
      expect(rows).toBeGreaterThan(300);
    },
  );
});
