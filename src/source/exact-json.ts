/** JSON text taken apart without losing a character of it, and parsed without losing a digit. Pure. */

/** Offsets into a text: `start` of the first character, `end` behind the last one. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** @param start offset of the opening quote. @returns the offset behind the closing one. */
function endOfString(text: string, start: number): number {
  let close = start;
  for (;;) {
    close = text.indexOf('"', close + 1);
    if (close < 0) throw new RangeError('a string of the text has no end');
    // A quote behind an odd number of backslashes belongs to the string.
    let backslashes = 0;
    while (text.charCodeAt(close - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return close + 1;
  }
}

/** @param start offset of the value's first character. @returns the offset behind its last one. */
function endOfValue(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
    let at = start;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || isSpace(code)) break;
    }
    return at;
  }
  let depth = 0;
  for (let at = start; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      continue;
    }
    at++;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --depth === 0) return at;
  }
  throw new RangeError('a value of the text has no end');
}

/**
 * Where the members of an object stand.
 *
 * @param text valid JSON (JSON.parse took it) whose top level is an object.
 * @returns key (unescaped) to the place of its value; of a key that is there twice the last one, as JSON.parse has it.
 */
export function objectMembers(text: string): ReadonlyMap<string, Slice> {
  const members = new Map<string, Slice>();
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = endOfValue(text, start);
    members.set(String(key), { start, end });
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return members;
}

/**
 * Where the elements of an array stand, in their order.
 *
 * @param text valid JSON.
 * @param start offset of the array's opening bracket.
 */
export function arrayElements(text: string, start: number): readonly Slice[] {
  const elements: Slice[] = [];
  let at = skipSpace(text, start + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = endOfValue(text, at);
    elements.push({ start: at, end });
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return elements;
}

const WHOLE = /^-?\d+$/;
/** No integer of fewer digits is beyond 2^53. */
const MANY_DIGITS = /\d{16}/;

/** ECMAScript's JSON.parse source text access; the types of lib do not have the third parameter yet. */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && WHOLE.test(source) ? BigInt(source) : value;
}

/**
 * JSON.parse, with every integer beyond 2^53 that is written as plain digits as a bigint (a stored completion's `seed`).
 *
 * @throws {SyntaxError} for text that is not JSON (its message quotes the text: never show it);
 * {@link RangeError} when a value that holds long numbers is nested some thousand levels deep.
 */
export function parseExact(text: string): unknown {
  // The reviver costs several times the parsing, so texts without a long number go without.
  return MANY_DIGITS.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}
