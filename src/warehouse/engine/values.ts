import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api';

/**
 * A value of a result, exact: BIGINT and wider as bigint, narrower integers and DOUBLE as number, DECIMAL as text,
 * TIMESTAMPTZ as ISO 8601 in UTC with a Z, other timestamps the same without it, DATE as yyyy-mm-dd, BLOB as hex,
 * lists as arrays, structs as objects, maps as arrays of [key, value], JSON and all other types as text.
 */
export type SqlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly SqlValue[]
  | { readonly [key: string]: SqlValue };

/** Microseconds whose date JavaScript can write; beyond it the engine's own text is used. */
const ISO_MICROS_MAX = 8_640_000_000_000_000_000n;

/** @param fraction digits of a second's fraction that are kept when it is not zero. */
function isoSeconds(seconds: bigint, fraction: string): string {
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, -'.000Z'.length);
  return /[1-9]/.test(fraction) ? `${whole}.${fraction.replace(/0+$/, '')}` : whole;
}

function iso(ticks: bigint, ticksPerSecond: bigint): string | null {
  const micros = (ticks * 1_000_000n) / ticksPerSecond;
  if (micros > ISO_MICROS_MAX || micros < -ISO_MICROS_MAX) return null;
  const rest = ((ticks % ticksPerSecond) + ticksPerSecond) % ticksPerSecond;
  const digits = String(ticksPerSecond).length - 1;
  return isoSeconds((ticks - rest) / ticksPerSecond, String(rest).padStart(digits, '0'));
}

function timestampText(value: DuckDBValue): string | null {
  if (value instanceof DuckDBTimestampTZValue) {
    // Not its toString(): that shifts by the machine's offset at start-up and names it as the value's own.
    const text = iso(value.micros, 1_000_000n);
    return text === null ? new DuckDBTimestampValue(value.micros).toString() : `${text}Z`;
  }
  if (value instanceof DuckDBTimestampValue) return iso(value.micros, 1_000_000n) ?? value.toString();
  if (value instanceof DuckDBTimestampSecondsValue) return iso(value.seconds, 1n) ?? value.toString();
  if (value instanceof DuckDBTimestampMillisecondsValue) return iso(value.millis, 1_000n) ?? value.toString();
  if (value instanceof DuckDBTimestampNanosecondsValue) {
    return iso(value.nanos, 1_000_000_000n) ?? value.toString();
  }
  return null;
}

export function sqlValue(value: DuckDBValue): SqlValue {
  if (value === null || typeof value !== 'object') return value;
  const time = timestampText(value);
  if (time !== null) return time;
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(sqlValue);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([key, field]) => [key, sqlValue(field)]));
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => [sqlValue(entry.key), sqlValue(entry.value)]);
  }
  if (value instanceof DuckDBUnionValue) return sqlValue(value.value);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex');
  return value.toString();
}
