/** A point in time as a person writes it. */
import { SettingsError } from '../errors.ts';
import { type UnixSeconds, unixSeconds } from '../sync/ports.ts';

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;
const RELATIVE = /^(\d{1,9})([smhdw])$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * - `2026-11-01`: the start of that day, in UTC;
 * - `2026-11-01T12:00:00Z`, `2026-11-01 12:00`, `…+02:00`: without an offset it is UTC, whatever the machine's zone;
 * - `7d`, `12h`, `90m`, `2w`: that long before now.
 *
 * @param flag named when the text is wrong: `--since`.
 * @throws {SettingsError} when it is none of these, or no time there is (the 30th of February).
 */
export function parseTime(text: string, now: UnixSeconds, flag: string): UnixSeconds {
  const relative = RELATIVE.exec(text);
  if (relative !== null) {
    const seconds = Number(relative[1]) * UNIT_SECONDS[relative[2] as keyof typeof UNIT_SECONDS];
    return checked(now - seconds, flag);
  }
  if (DATE.test(text)) return checked(utc(text, '00:00', 'Z'), flag);
  const [, day, time, offset] = DATE_TIME.exec(text) ?? [];
  return checked(day === undefined || time === undefined ? Number.NaN : utc(day, time, offset ?? 'Z'), flag);
}

/** Seconds of a time; NaN when there is no such day or hour. */
function utc(day: string, time: string, offset: string): number {
  // Date takes 02-30 for 03-02; the day has to come back as it went in.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return Number.NaN;
  const zone = offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset.toUpperCase();
  return Math.floor(Date.parse(`${day}T${time}${zone}`) / 1_000);
}

function checked(seconds: number, flag: string): UnixSeconds {
  if (seconds >= 0 && Number.isSafeInteger(seconds)) return unixSeconds(seconds);
  throw new SettingsError(
    `${flag} must be a date (2026-11-01), a time (2026-11-01T12:00:00Z) or an age (7d, 12h, 90m), in UTC`,
  );
}
