/** Ids of generated rows: 29 letters and digits as OpenAI's are, from which the row's index can be read back. */
import { SALT } from './generate.ts';
import { hash } from './random.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PREFIX = 'chatcmpl-';
/** An odd factor and its inverse modulo 2^32: multiplying scatters the indices without two falling together. */
const SCATTER = 0x9e3779b1;
const GATHER = 0x0e8b2f51;
const INDEX_DIGITS = 6;

/** Two digits at a time. */
const PAIRS = Array.from(
  { length: 62 * 62 },
  (_, value) => `${ALPHABET[value % 62]}${ALPHABET[Math.floor(value / 62)]}`,
);

const pair = (value: number): string => PAIRS[value] as string;

/** Six digits, the lowest first. */
function base62(value: number): string {
  const high = Math.floor(value / 3844);
  return pair(value % 3844) + pair(high % 3844) + pair(Math.floor(high / 3844));
}

export function rowId(seed: number, index: number): string {
  const scattered = Math.imul(index, SCATTER) >>> 0;
  const filler =
    base62(hash(seed, index, SALT.id)) +
    base62(hash(seed, index, SALT.id + 20)) +
    base62(hash(seed, index, SALT.id + 30)) +
    base62(hash(seed, index, SALT.id + 40));
  return PREFIX + base62((scattered ^ hash(seed, 0, SALT.id)) >>> 0) + filler.slice(0, 23);
}

/** @returns the index an id was made from, or null for an id that is none of this seed's. */
export function rowIndex(seed: number, id: string): number | null {
  let scattered = 0;
  for (let place = INDEX_DIGITS - 1; place >= 0; place--) {
    const digit = ALPHABET.indexOf(id[PREFIX.length + place] ?? ' ');
    if (digit < 0) return null;
    scattered = scattered * 62 + digit;
  }
  if (scattered > 0xffff_ffff) return null;
  const index = Math.imul((scattered ^ hash(seed, 0, SALT.id)) >>> 0, GATHER) >>> 0;
  return rowId(seed, index) === id ? index : null;
}
