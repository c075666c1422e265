import { jsonText } from './json-text.ts';

/** Readers of single fields of unknown JSON: what has the wrong type is null, `raw` has it. Pure. */

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object, or an empty one. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

/** The array, or an empty one. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The string with lone surrogates as U+FFFD: UTF-8 has no place for them. */
export const text = (value: unknown): string | null =>
  typeof value === 'string' ? value.toWellFormed() : null;

/** The string, or the JSON text of anything else. */
export const textOrJson = (value: unknown): string | null => text(value) ?? jsonText(value);

const INT64 = 2n ** 63n;
const DECIMAL38 = 10n ** 38n;

function whole(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : null;
}

/** A whole number that BIGINT holds, as digits. 12.0 is one. */
export function int64(value: unknown): string | null {
  const number = whole(value);
  return number !== null && number >= -INT64 && number < INT64 ? number.toString() : null;
}

/** A whole number of up to 38 digits, as digits. */
export function decimal38(value: unknown): string | null {
  const number = whole(value);
  return number !== null && number > -DECIMAL38 && number < DECIMAL38 ? number.toString() : null;
}

export function double(value: unknown): number | null {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
