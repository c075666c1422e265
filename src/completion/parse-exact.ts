/** JSON parsed without losing a digit. Pure. */

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
