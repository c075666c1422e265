import { describe, expect, test } from 'vitest';
import type { EndpointKind } from '../../src/source/settings.ts';
import { itemOf as parseItem, textOf } from '../support/items.ts';
import { completion, corpusLines, hasCorpus } from './support.ts';

const parse = (value: unknown, kind: EndpointKind = 'openai') => parseItem(JSON.stringify(value), kind);
const ok = completion('chatcmpl-1', 1_758_039_093);
const without = (name: string) => Object.fromEntries(Object.entries(ok).filter(([key]) => key !== name));

describe('an item that cannot be loaded is rejected with the reason and what could be read', () => {
  test.each([
    ['null', null, 'not a JSON object'],
    ['a number', 7, 'not a JSON object'],
    ['a string', 'x', 'not a JSON object'],
    ['an array', [], 'not a JSON object'],
    ['no id', without('id'), 'id is missing'],
    ['an empty id', { ...ok, id: '' }, 'id is empty'],
    ['an id that is a number', { ...ok, id: 5 }, 'id is not a string'],
    ['an id that fits no URL', { ...ok, id: 'x'.repeat(2000) }, 'id is longer than 1024 characters'],
    ['an id with NUL', { ...ok, id: 'a\0' }, 'id holds a character that cannot be sent'],
    ['no object', without('object'), 'object is missing'],
    ['object null', { ...ok, object: null }, 'object is missing'],
    ['another object', { ...ok, object: 'text_completion' }, 'object is not chat.completion'],
    ['no created', without('created'), 'created is missing'],
    ['created as text', { ...ok, created: '1758039093' }, 'created is not a number'],
    ['created with a fraction', { ...ok, created: 1.5 }, 'created is not a whole number'],
    ['created below 0', { ...ok, created: -1 }, 'created is negative'],
    ['created in milliseconds', { ...ok, created: 1_758_039_093_000 }, 'created is beyond the year 9999'],
    ['no model', without('model'), 'model is not a string'],
    ['choices null', { ...ok, choices: null }, 'choices is not an array'],
    ['two faults', { ...ok, model: 1, choices: 1 }, 'model is not a string; choices is not an array'],
  ])('%s', (_title, value, reason) => {
    expect(parse(value).rejection).toBe(reason);
  });

  test('created beyond 2^53', () => {
    const item = parseItem(JSON.stringify(ok).replace('1758039093', '9223372036854775808'), 'openai');
    expect(item).toMatchObject({ createdAt: null, rejection: 'created is beyond the year 9999' });
  });

  test('the walk can still place it when only another field is broken', () => {
    const item = parse({ ...ok, choices: 'none' });
    expect(item).toMatchObject({ id: 'chatcmpl-1', createdAt: 1_758_039_093, model: ok.model });
    expect(item.rejection).not.toBeNull();
  });

  test('its metadata has the keys of the text, whatever keys were met before', () => {
    const keys = ['\\', '"', '\n'];
    const read = keys.map((key) => parse({ ...ok, metadata: { [key]: 'x' } }).metadata);
    expect(read).toEqual(keys.map((key) => ({ [key]: 'x' })));
  });

  test('a lone surrogate in an id cannot be asked for again', () => {
    expect(parseItem(JSON.stringify(ok).replace('chatcmpl-1', '\\ud800'), 'openai').id).toBeNull();
  });
});

describe('Azure leaves object out of its list', () => {
  test.each([
    ['azure', without('object'), true],
    ['azure-dated', { ...ok, object: null }, true],
    ['azure', { ...ok, object: 'text_completion' }, false],
    ['compatible', without('object'), false],
  ] as const)('%s', (kind, value, accepted) => {
    expect(parse(value, kind).rejection === null).toBe(accepted);
  });
});

describe('an optional field of any type never rejects an item', () => {
  const odd = [null, 1, 'x', [], {}, true, [[1]], { a: { b: 1 } }];
  const names = [
    'usage',
    'metadata',
    'seed',
    'service_tier',
    'request_id',
    'system_fingerprint',
    'tools',
    'moderation',
  ];
  test.each(names)('%s', (name) => {
    for (const value of odd) expect(parse({ ...ok, [name]: value }).rejection).toBeNull();
  });

  test('of metadata the pairs of strings are kept', () => {
    const metadata = { team: 'a', n: 1, none: null };
    expect(parse({ ...ok, metadata }).metadata).toEqual({ team: 'a' });
    expect(parse({ ...ok, metadata: 'x' }).metadata).toEqual({});
  });
});

describe('hostile items pass through untouched', () => {
  const raws = {
    'lone surrogates and NUL escapes': JSON.stringify({ ...ok, x: 0 }).replace('0}', '"\\ud800 \\u0000"}'),
    'a seed of 2^63': JSON.stringify({ ...ok, seed: 0 }).replace('"seed":0', '"seed": 9223372036854775808'),
    'two megabytes of text': JSON.stringify({
      ...ok,
      choices: [{ message: { content: '"\\'.repeat(1_000_000) } }],
    }),
    'a thousand tool calls': JSON.stringify({
      ...ok,
      choices: [{ message: { tool_calls: Array(1000).fill({}) } }],
    }),
    'a key twice': JSON.stringify(ok).replace('{', '{"model":"other",'),
  };
  test.each(Object.entries(raws))('%s', (_title, raw) => {
    const item = parseItem(raw, 'openai');
    expect(item.rejection).toBeNull();
    expect(textOf(item)).toBe(raw);
  });

  test('none of them is plain', () => {
    for (const title of ['lone surrogates and NUL escapes', 'a seed of 2^63', 'a key twice'] as const) {
      expect(parseItem(raws[title], 'openai').isPlain, title).toBe(false);
    }
  });

  test('nesting beyond the stack is left to the warehouse, with id and time', () => {
    const deep = `${'['.repeat(200_000)}4944116822809979520${']'.repeat(200_000)}`;
    const item = parseItem(JSON.stringify(ok).replace('{', `{"x":${deep},`), 'openai');
    expect(item).toMatchObject({
      id: 'chatcmpl-1',
      createdAt: 1_758_039_093,
      isPlain: false,
      rejection: null,
    });
  });
});

describe.runIf(hasCorpus)('recorded completions', () => {
  test('of 3,034 all are accepted but 7 without an id and 1 with a textual created', () => {
    const items = corpusLines('completions.jsonl').map((line) =>
      parse((JSON.parse(line) as { completion: unknown }).completion),
    );
    const reasons = items.map((item) => item.rejection).filter((reason) => reason !== null);
    expect(items).toHaveLength(3034);
    expect(Object.groupBy(reasons, (reason) => reason)).toEqual({
      'id is empty': Array(7).fill('id is empty'),
      'created is not a number': ['created is not a number'],
    });
  });

  test.each(['openai', 'compatible'] as const)('every near miss is rejected (%s)', (kind) => {
    const bodies = corpusLines('near_misses.jsonl').map(
      (line) => (JSON.parse(line) as { body: unknown }).body,
    );
    expect(bodies.length).toBeGreaterThan(0);
    expect(bodies.filter((body) => parse(body, kind).rejection === null)).toEqual([]);
  });
});
