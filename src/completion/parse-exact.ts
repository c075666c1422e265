/** JSON parsed without losing a digit or a key. Pure. */
import { type Element, elementsAt, isArrayAt, membersAt, skipSpace, textAt, valueAt } from './json-bytes.ts';

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
 * JSON.parse, with every integer beyond 2^53 that is written as plain digits as a bigint (a stored completion's `seed`), and every key
 * as it is written.
 *
 * @throws {SyntaxError} for text that is not JSON (its message quotes the text: never show it);
 * {@link RangeError} when a value that holds long numbers is nested some thousand levels deep.
 */
export function parseExact(text: string): unknown {
  // The reviver costs several times the parsing, so texts without a long number go without.
  const parsed: unknown = MANY_DIGITS.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  if (!text.includes('\\')) return parsed;
  const bytes = Buffer.from(text);
  return keptKeys(bytes, valueAt(bytes, skipSpace(bytes, 0)), parsed);
}

/** Each level is looked at once more for each level around it. */
const DEPTH_MAX = 64;

/**
 * What JSON.parse has made of a text, with the keys that the text has.
 *
 * JSON.parse of V8 13.6 (Node 24; not of Node 20) takes a key for one that it met before in the place, where the written letters of one
 * are those of the other: after `{"\\":1}` it reads `{"\"":1}` and `{"\n":1}` as `{"\\":1}`. Keys without a backslash are read right.
 *
 * @param at where the value stands in the text, which is JSON.
 */
export function keptKeys(text: Uint8Array, at: Element, parsed: unknown): unknown {
  return at.hasEscapedKey && at.depth <= DEPTH_MAX ? byItsKeys(text, at) : parsed;
}

function byItsKeys(text: Uint8Array, at: Element): unknown {
  if (!at.hasEscapedKey) return JSON.parse(textAt(text, at), keepDigits);
  if (isArrayAt(text, at)) return elementsAt(text, at.start).map((element) => byItsKeys(text, element));
  const members = membersAt(text, at.start).map(({ key, value }) => [key, byItsKeys(text, value)] as const);
  return Object.fromEntries(members);
}
