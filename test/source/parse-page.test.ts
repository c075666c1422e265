import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseItems, parseList } from '../../src/source/parse-page.ts';
import { jsonText } from './json-text.ts';
import { completion, corpusLines, hasCorpus } from './support.ts';

describe('parseList', () => {
  test('cuts the elements out of any list to the character', () => {
    fc.assert(
      fc.property(
        fc.array(jsonText),
        fc.constantFrom('', ' ', '\r\n\t'),
        fc.boolean(),
        (elements, space, hasMore) => {
          const decoy = `"note":"\\"data\\":[1]","nested":{"data":[2],"has_more":${!hasMore}}`;
          const text = `${space}{${decoy},${space}"data"${space}:${space}[${elements.join(',')}]${space},"has_more":${hasMore}}`;
          expect(parseList(text)).toEqual({
            kind: 'list',
            elements: elements.map((one) => one.trim()),
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
  ])('%s', (_title, text, elements, hasMore) => {
    expect(parseList(text)).toEqual({ kind: 'list', elements, hasMore });
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
  ])('%j is %s', (text, kind) => {
    expect(parseList(text).kind).toBe(kind);
  });

  test('every prefix of a page is cut', () => {
    const text = JSON.stringify({ object: 'list', data: [completion('a', 1)], has_more: false });
    for (let length = 0; length < text.length; length++)
      expect(parseList(text.slice(0, length)).kind).toBe('cut');
  });
});

describe('parseItems', () => {
  const raws = (...items: readonly unknown[]) => items.map((item) => JSON.stringify(item));

  test('the second of one id and one second on a page is rejected and can still be placed', () => {
    const items = parseItems(raws(completion('a', 1), completion('b', 1), completion('a', 1)), 'openai');
    expect(items.map((item) => item.rejection)).toEqual([null, null, 'same id twice on one page']);
    expect(items[2]).toMatchObject({ id: 'a', createdAt: 1 });
  });

  test('one id in two seconds is two rows, as OGX may have it', () => {
    const items = parseItems(raws(completion('a', 2), completion('a', 1)), 'openai');
    expect(items.map((item) => item.rejection)).toEqual([null, null]);
  });

  test('a broken copy does not cost the good one', () => {
    const items = parseItems(raws(completion('a', 1, { choices: 0 }), completion('a', 1)), 'openai');
    expect(items.map((item) => item.rejection)).toEqual(['choices is not an array', null]);
  });

  test.runIf(hasCorpus)('recorded stored lists are accepted whole, every seed to the digit', () => {
    let rows = 0;
    for (const line of corpusLines('stored_api.jsonl')) {
      const recorded = JSON.parse(line) as { uri: string; response_body: { data?: unknown[] } };
      if (!/\/chat\/completions(?:\?|$)/.test(recorded.uri) || !Array.isArray(recorded.response_body.data))
        continue;
      // The text of the reply inside the line, which JSON.parse would have rounded.
      const text = line.slice(line.indexOf('"response_body":') + '"response_body":'.length, -1).trim();
      const list = parseList(text);
      if (list.kind !== 'list') throw new Error('not a list');
      for (const item of parseItems(list.elements, 'openai')) {
        rows++;
        expect(item.rejection).toBeNull();
        const seed = /"seed": ?(-?\d+)/.exec(item.raw)?.[1];
        expect(String((item.body as { seed: unknown }).seed)).toBe(seed);
      }
    }
    expect(rows).toBeGreaterThan(300);
  });
});
