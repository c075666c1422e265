/** Numbers and times as the page writes them. Pure. */

const wholeFormat = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,234,567`; a dash for what is not known. */
export const wholeText = (value: bigint | number | null): string =>
  value === null ? '–' : wholeFormat.format(value);

/** `1.23M`, three digits that count. */
export function compactText(value: bigint | number | null): string {
  if (value === null) return '–';
  const number = Number(value);
  const units = ['', 'k', 'M', 'G', 'T', 'P'];
  let power = 0;
  let scaled = Math.abs(number);
  // 999.6 would be written 1000.
  while (scaled >= 999.5 && power < units.length - 1) {
    scaled /= 1000;
    power++;
  }
  if (power === 0) return wholeFormat.format(number);
  const digits = scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return `${number < 0 ? '−' : ''}${scaled.toFixed(digits)}${units[power]}`;
}

/** `$1,234.56`; small amounts with the digits that count; a dash for what has no price. */
export function usdText(value: number | null): string {
  if (value === null) return '–';
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size === 0) return '$0.00';
  if (size < 0.000_001) return `${sign}<$0.000001`;
  if (size < 0.01) return `${sign}$${size.toFixed(6).replace(/(\.\d\d\d*?)0+$/, '$1')}`;
  if (size < 1) return `${sign}$${size.toFixed(4)}`;
  return `${sign}$${size.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** `$12.3k` for cards and axes. */
export function compactUsdText(value: number | null): string {
  if (value === null) return '–';
  if (Math.abs(value) < 10_000) return usdText(value);
  return `${value < 0 ? '−' : ''}$${compactText(Math.abs(value))}`;
}

/** `12.3%`; what is almost all is not written as all, and a little not as nothing. */
export function shareText(share: number | null): string {
  if (share === null) return '–';
  const percent = share * 100;
  if (percent > 0 && percent < 0.05) return '<0.1%';
  if (percent < 100 && percent >= 99.95) return '>99.9%';
  return `${percent.toFixed(1)}%`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `24 Nov 2026` of `2026-11-24`; without the year when told. */
export function dayText(day: string, withYear = true): string {
  const month = MONTHS[Number(day.slice(5, 7)) - 1] ?? '';
  return `${Number(day.slice(8, 10))} ${month}${withYear ? ` ${day.slice(0, 4)}` : ''}`;
}

/** `Nov 2026` of a day of it. */
export const monthText = (day: string): string =>
  `${MONTHS[Number(day.slice(5, 7)) - 1] ?? ''} ${day.slice(0, 4)}`;

/** `24 Nov 2026, 15:04 UTC` of an ISO time. */
export const timeText = (iso: string): string => `${dayText(iso.slice(0, 10))}, ${iso.slice(11, 16)} UTC`;

/** `12 minutes`, in the largest unit that leaves a whole number worth reading. */
export function spanText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const counted = (count: number, unit: string) => `${wholeText(count)} ${unit}${count === 1 ? '' : 's'}`;
  if (whole < 90) return counted(whole, 'second');
  if (whole < 5_400) return counted(Math.round(whole / 60), 'minute');
  if (whole < 172_800) return counted(Math.round(whole / 3_600), 'hour');
  return counted(Math.round(whole / 86_400), 'day');
}

export const countedText = (count: bigint | number, noun: string): string =>
  `${wholeText(count)} ${noun}${Number(count) === 1 ? '' : 's'}`;

/** Change of a number against another: `+12.3%`; null: there is nothing to compare with. */
export function changeText(value: number | null, before: number | null): string | null {
  if (value === null || before === null || before === 0) return null;
  const change = (value / before - 1) * 100;
  if (Math.abs(change) < 0.05) return '±0%';
  if (change > 999) return '>+999%';
  return `${change > 0 ? '+' : '−'}${Math.abs(change).toFixed(1)}%`;
}

/** Change of a share in percentage points: `+1.2 pp`. */
export function pointsText(share: number | null, before: number | null): string | null {
  if (share === null || before === null) return null;
  const points = (share - before) * 100;
  if (Math.abs(points) < 0.05) return '±0 pp';
  return `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(1)} pp`;
}

/** Longer than any label that is read at a glance. */
const LABEL_LENGTH_MAX = 80;

/** A label in one line of a bearable length. */
export function cut(text: string): string {
  const signs = [...text.replaceAll(/\s+/g, ' ')];
  return signs.length <= LABEL_LENGTH_MAX
    ? signs.join('')
    : `${signs.slice(0, LABEL_LENGTH_MAX - 1).join('')}…`;
}
