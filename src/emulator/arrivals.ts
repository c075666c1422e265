/** When the generated rows were created: ascending whole seconds. */
import { cumulate, type Dice, pick, waitingTime } from './random.ts';

/**
 * Poisson arrivals at one rate, counted back from the newest second.
 *
 * @param rows how many.
 * @param ratePerSecond mean rows a second; 50 makes every second a tie, 0.01 hardly any.
 * @param endSeconds the newest row's `created`.
 */
export function steadyArrivals(
  rows: number,
  ratePerSecond: number,
  endSeconds: number,
  roll: Dice,
): Uint32Array {
  const created = new Uint32Array(rows);
  let back = 0;
  for (let index = rows - 1; index >= 0; index--) {
    created[index] = Math.max(0, endSeconds - Math.floor(back));
    back += waitingTime(roll) / ratePerSecond;
  }
  return created;
}

/** Work by hour of the day in UTC: quiet nights, two humps in the day. */
const HOUR_WEIGHTS = [
  8, 6, 5, 4, 4, 6, 14, 30, 60, 88, 100, 96, 74, 82, 98, 96, 90, 76, 56, 42, 34, 26, 18, 12,
];
const WEEKEND_SHARE = 0.22;
/** One minute in 300 is a batch job: 40 times the traffic, most of it in a few seconds. */
const BURST_SHARE = 1 / 300;
const BURST_FACTOR = 40;
const BURST_SECONDS = 4;

/**
 * Traffic as a product has it: days, nights, weekends, and bursts that put many rows into single seconds.
 *
 * @param days the stretch that ends with `endSeconds`.
 */
export function monthArrivals(rows: number, days: number, endSeconds: number, roll: Dice): Uint32Array {
  const minutes = Math.max(1, Math.round(days * 1440));
  const firstMinute = Math.floor(endSeconds / 60) - minutes + 1;
  const weights: number[] = [];
  const bursts = new Uint8Array(minutes);
  for (let minute = 0; minute < minutes; minute++) {
    const hours = Math.floor((firstMinute + minute) / 60);
    const weekday = (Math.floor(hours / 24) + 4) % 7; // 1970-01-01 was a Thursday
    const weekend = weekday === 0 || weekday === 6;
    const burst = roll() < BURST_SHARE;
    bursts[minute] = burst ? 1 : 0;
    const base = (HOUR_WEIGHTS[hours % 24] ?? 1) * (weekend ? WEEKEND_SHARE : 1);
    weights.push(base * (burst ? BURST_FACTOR : 1));
  }
  const cumulated = cumulate(weights);
  const created = new Uint32Array(rows);
  for (let index = 0; index < rows; index++) {
    const minute = pick(cumulated, roll());
    const width = bursts[minute] === 1 ? BURST_SECONDS : 60;
    created[index] = Math.min(endSeconds, (firstMinute + minute) * 60 + Math.floor(roll() * width));
  }
  created.sort();
  if (rows > 0) created[rows - 1] = endSeconds;
  return created;
}
