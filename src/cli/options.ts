/** Arguments of options, checked where they are read: a wrong one ends in one line and exit code 2. */
import { InvalidArgumentError, Option } from 'commander';
import type { CsvStyle } from './output.ts';

/** For commander's `argParser`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** A share, for commander's `argParser`. */
export function share(text: string): number {
  const value = Number(text);
  if (/^\d(\.\d{1,6})?$/.test(text) && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1, such as 0.5 for a half.');
}

/** For commander's `argParser`. */
export function positiveNumber(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,9}(\.\d{1,6})?$/.test(text) && value > 0 && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number above 0, ${max} at the most.`);
  };
}

export const rawCsvOption = (): Option =>
  new Option(
    '--raw-csv',
    'CSV with every text as it is, for programs; without it one that a spreadsheet would run as a formula gets an apostrophe in front',
  );

export const csvStyle = ({ rawCsv }: { readonly rawCsv?: boolean }): CsvStyle =>
  rawCsv === true ? 'raw' : 'spreadsheet';
