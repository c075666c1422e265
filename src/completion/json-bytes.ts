/** JSON text in UTF-8 taken apart without losing a character of it. Pure. */

/** Offsets into a text: `start` of the first byte, `end` behind the last one. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/** A value with what its brackets and colons tell. */
export interface Element extends Slice {
  /** Members of all its objects, inner ones too, a key that is there twice counted twice. */
  readonly members: number;
  /** Levels of nesting; 0 for a string, a number, true, false, null. */
  readonly depth: number;
  /** A key in it is written with a backslash; see `parse-exact.ts`. */
  readonly hasEscapedKey: boolean;
}

/** The text is no JSON: a value has no end, or something else stands where a comma or a bracket belongs. */
export class MalformedJson extends Error {}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
/** From here on the engine's own search is quicker than this loop. */
const LONG_STRING = 96;

const isSpace = (code: number | undefined): boolean =>
  code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** @returns the offset of the first byte that is no white space. */
export function skipSpace(text: Uint8Array, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text[at])) at++;
  return at;
}

/** @param start offset of the opening quote. @returns the offset behind the closing one. */
function endOfString(text: Uint8Array, start: number): number {
  const near = Math.min(text.length, start + LONG_STRING);
  for (let at = start + 1; at < near; at++) {
    const code = text[at];
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
  }
  return endOfLongString(text, start);
}

function endOfLongString(text: Uint8Array, start: number): number {
  let close = start;
  for (;;) {
    close = text.indexOf(QUOTE, close + 1);
    if (close < 0) throw new MalformedJson('a string has no end');
    // A quote behind an odd number of backslashes belongs to the string.
    let backslashes = 0;
    while (text[close - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return close + 1;
  }
}

/** @param start offset of the value's first byte. */
export function valueAt(text: Uint8Array, start: number): Element {
  const first = text[start];
  if (first === undefined) throw new MalformedJson('a value is missing');
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) {
    const end = first === QUOTE ? endOfString(text, start) : endOfScalar(text, start);
    return { start, end, members: 0, depth: 0, hasEscapedKey: false };
  }
  let open = 0;
  let depth = 0;
  let members = 0;
  let keyStart = start;
  let hasEscapedKey = false;
  for (let at = start; at < text.length; at++) {
    const code = text[at];
    if (code === QUOTE) {
      keyStart = at;
      at = endOfString(text, at) - 1;
    } else if (code === COLON) {
      members++;
      hasEscapedKey ||= hasBackslash(text, keyStart, at);
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth = Math.max(depth, ++open);
    else if ((code === CLOSE_BRACE || code === CLOSE_BRACKET) && --open === 0) {
      return { start, end: at + 1, members, depth, hasEscapedKey };
    }
  }
  throw new MalformedJson('a bracket has no end');
}

function hasBackslash(text: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (text[at] === BACKSLASH) return true;
  return false;
}

function endOfScalar(text: Uint8Array, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text[at];
    if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET || isSpace(code)) break;
  }
  if (at === start) throw new MalformedJson('a value is missing');
  return at;
}

/** A member of an object: where its key stands, quotes included, and its value. */
export interface Member {
  readonly key: string;
  readonly keyAt: Slice;
  readonly value: Element;
}

/**
 * The members of an object in their order, a key that is there twice twice.
 *
 * @param start offset of the object's opening brace.
 * @throws {MalformedJson}
 */
export function membersAt(text: Uint8Array, start: number): readonly Member[] {
  const members: Member[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] === QUOTE) {
    const keyAt = { start: at, end: endOfString(text, at) };
    const colon = skipSpace(text, keyAt.end);
    if (text[colon] !== COLON) throw new MalformedJson('a key has no value');
    const value = valueAt(text, skipSpace(text, colon + 1));
    members.push({ key: keyText(text, keyAt), keyAt, value });
    at = skipSpace(text, value.end);
    if (text[at] !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  if (text[at] !== CLOSE_BRACE) throw new MalformedJson('an object has no end');
  return members;
}

function keyText(text: Uint8Array, at: Slice): string {
  try {
    return String(JSON.parse(textAt(text, at)));
  } catch {
    throw new MalformedJson('a key is no string');
  }
}

/**
 * The elements of an array in their order.
 *
 * @param start offset of the array's opening bracket.
 * @throws {MalformedJson}
 */
export function elementsAt(text: Uint8Array, start: number): readonly Element[] {
  const elements: Element[] = [];
  let at = skipSpace(text, start + 1);
  if (text[at] === CLOSE_BRACKET) return elements;
  for (;;) {
    const element = valueAt(text, at);
    elements.push(element);
    at = skipSpace(text, element.end);
    if (text[at] === CLOSE_BRACKET) return elements;
    if (text[at] !== COMMA) throw new MalformedJson('an element is not followed by a comma');
    at = skipSpace(text, at + 1);
  }
}

export const isArrayAt = (text: Uint8Array, { start }: Slice): boolean => text[start] === OPEN_BRACKET;

/** The bytes as a string. */
export function textAt(text: Uint8Array, { start, end }: Slice): string {
  return asBuffer(text).toString('utf8', start, end);
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
