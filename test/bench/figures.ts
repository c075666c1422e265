/** Figures of a run, as a table and held against those that are kept. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Table from 'cli-table3';

export interface Figure {
  /** null: it was not taken; `unit` says why. */
  readonly value: number | null;
  readonly better: 'higher' | 'lower';
  /** At least, or at most, this. */
  readonly wanted?: number;
  readonly unit: string;
}
export type Figures = Readonly<Record<string, Figure>>;

export const KEPT_FILE = join(import.meta.dirname, 'figures.json');
/** What a figure may become worse by before it is told. */
const TOLERANCE = 1.2;

export const keptFigures = (): Figures => JSON.parse(readFileSync(KEPT_FILE, 'utf8')) as Figures;

/** Figures that were not taken this time stay as they are. */
export function keep(figures: Figures): void {
  const taken = Object.entries(figures).filter(([, { value }]) => value !== null);
  writeFileSync(
    KEPT_FILE,
    `${JSON.stringify({ ...keptFigures(), ...Object.fromEntries(taken) }, null, 2)}\n`,
  );
}

/** Whether a value is worse than another by more than a fifth. From 0 anything worse counts. */
export function isWorse(value: number, than: number, better: Figure['better']): boolean {
  // A difference may be below 0: then a fifth of its size counts.
  return better === 'lower' ? value > than + (TOLERANCE - 1) * Math.abs(than) : value * TOLERANCE < than;
}

export const misses = ({ value, better, wanted }: Figure): boolean =>
  value !== null && wanted !== undefined && (better === 'lower' ? value > wanted : value < wanted);

/** Names of the figures that became worse than the kept ones, and of those that miss what is wanted. */
export function judged(
  figures: Figures,
  kept: Figures,
): { readonly worse: readonly string[]; readonly missed: readonly string[] } {
  const names = Object.keys(figures);
  return {
    worse: names.filter((name) => {
      const [figure, before] = [figures[name], kept[name]];
      if (figure?.value == null || before?.value == null) return false;
      return isWorse(figure.value, before.value, figure.better);
    }),
    missed: names.filter((name) => figures[name] !== undefined && misses(figures[name])),
  };
}

const shown = (value: number | null | undefined): string =>
  value == null ? '' : String(Number(value.toPrecision(value >= 1_000 ? 6 : 3)));

export function figuresTable(figures: Figures, kept: Figures): string {
  const { worse, missed } = judged(figures, kept);
  const table = new Table({
    head: ['figure', 'value', 'unit', 'wanted', 'kept', ''],
    colAligns: ['left', 'right', 'left', 'left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const [name, { value, better, wanted, unit }] of Object.entries(figures)) {
    const bound = wanted === undefined ? better : `${better === 'lower' ? '<=' : '>='} ${wanted}`;
    const verdicts = [missed.includes(name) ? 'misses' : '', worse.includes(name) ? 'worse' : ''];
    const verdict = verdicts.filter((text) => text !== '').join(', ');
    table.push([
      name,
      value === null ? 'not run' : shown(value),
      unit,
      bound,
      shown(kept[name]?.value),
      verdict,
    ]);
  }
  return table.toString();
}

export const round = (value: number): number => Number(value.toPrecision(4));
export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;

type More = Pick<Figure, 'unit'> & { readonly wanted?: number };
export const lower = (value: number, more: More): Figure => ({
  value: round(value),
  better: 'lower',
  ...more,
});
export const higher = (value: number, more: More): Figure => ({
  value: round(value),
  better: 'higher',
  ...more,
});
