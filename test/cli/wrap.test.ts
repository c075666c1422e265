import { stripVTControlCharacters, styleText } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrapped } from '../../src/cli/wrap.ts';

const word = fc.stringMatching(/^[a-z0-9.,;€%·/]{1,20}$/);
const line = fc
  .tuple(fc.nat(16), fc.array(word, { minLength: 1, maxLength: 40 }))
  .map(([indent, words]) => ' '.repeat(indent) + words.join(' '));
const columns = fc.integer({ min: 40, max: 200 });

test('no word is broken or lost, and every line that has a choice fits', () => {
  fc.assert(
    fc.property(line, columns, fc.nat(16), (text, width, hang) => {
      const lines = wrapped(text, width, hang).split('\n');
      expect(lines.flatMap((one) => one.match(/\S+/g))).toEqual(text.match(/\S+/g));
      for (const one of lines) {
        // What is wider holds a part that no line has room for: a sign stays with the word before it.
        const parts = one.trimStart().split(/ (?![·%]|(?:s|min|h|[kMG]?B)\b)/);
        const room = width - (text.length - text.trimStart().length) - hang;
        if (one.length > width) expect(Math.max(...parts.map((part) => part.length))).toBeGreaterThan(room);
      }
    }),
  );
});

test('further lines hang under the text, and a narrow terminal has no room for that', () => {
  const note =
    'Whole     8 completions · 4,903,300 tokens · list cost $11.70 of the 99.9 % of tokens that have a price';
  expect(wrapped(note, 60, 10)).toBe(
    'Whole     8 completions · 4,903,300 tokens · list cost\n          $11.70 of the 99.9 % of tokens that have a price',
  );
  expect(wrapped('Whole     8 completions · 4,903,300 tokens', 30, 10)).toBe(
    'Whole     8 completions ·\n4,903,300 tokens',
  );
});

test('a line breaks by what is seen of it, each line for itself, and without a terminal not at all', () => {
  const green = styleText('green', 'aaaa', { validateStream: false });
  expect(wrapped(`${green} bbbb`, 9)).toBe(`${green} bbbb`);
  expect(stripVTControlCharacters(wrapped(`${green} bbbb`, 8))).toBe('aaaa\nbbbb');
  expect(wrapped('ok   /a/path/that/is/wider, 20 rows', 12, 5)).toBe('ok   /a/path/that/is/wider,\n20 rows');
  expect(wrapped('after 20 min', 11)).toBe('after\n20 min');
  expect(wrapped('aaaa\n  bbbb', 6)).toBe('aaaa\n  bbbb');
  expect(wrapped('a '.repeat(500), null, 10)).toBe('a '.repeat(500));
});
