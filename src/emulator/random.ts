/** Repeatable chance: the same seed gives the same rows, ties and faults on every machine. */

/** Scrambles 32 bits (the finaliser of MurmurHash3). @returns an unsigned 32-bit integer. */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/**
 * One number for (seed, index, salt), without any state: a row's every property can be had without its neighbours.
 *
 * @returns an unsigned 32-bit integer.
 */
export function hash(seed: number, index: number, salt: number): number {
  return mix(mix(mix(seed ^ Math.imul(salt, 0x9e3779b1)) ^ index) + salt);
}

/** As {@link hash}, as a fraction: 0 <= x < 1. */
export const fraction = (seed: number, index: number, salt: number): number =>
  hash(seed, index, salt) / 0x1_0000_0000;

/** A stream of fractions 0 <= x < 1 (mulberry32). */
export type Dice = () => number;
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Exponential waiting time with mean 1. */
export const waitingTime = (roll: Dice): number => -Math.log(1 - roll());

/**
 * The place of a fraction among cumulated weights.
 *
 * @param cumulated ascending, the last one 1.
 * @param share 0 <= share < 1.
 */
export function pick(cumulated: ArrayLike<number>, share: number): number {
  let low = 0;
  let high = cumulated.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulated[middle] ?? 1) > share) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Weights as running sums that end in 1. */
export function cumulate(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return Float64Array.from(weights, (weight) => {
    sum += weight;
    return sum / total;
  });
}
