/** Values of parsed JSON as text that DuckDB's JSON type accepts. Pure. */

/** A lone surrogate as JSON.stringify writes it. It also finds an escaped backslash before such letters: no harm done. */
const SURROGATE_ESCAPE = /\\ud[89a-f]/;
/** Nested deeper than this a value gets no column of its own; `raw` holds it. */
const DEPTH_MAX = 500;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function write(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw new RangeError('nested too deep');
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed());
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map((element) => write(element, depth + 1)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => `${JSON.stringify(key.toWellFormed())}:${write(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}

/**
 * JSON text of a parsed value: integers as bigint to the digit, lone surrogates as U+FFFD (DuckDB refuses their escapes).
 *
 * @returns null for null, undefined, and what is nested more than 500 levels deep.
 */
export function jsonText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  try {
    const text = JSON.stringify(value);
    if (!SURROGATE_ESCAPE.test(text)) return text;
  } catch {
    // A bigint inside (TypeError) or deep nesting (RangeError): the writer below tells them apart.
  }
  try {
    return write(value, 0);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
