/** A metrics text, through a parser that is not ours. */
import parse from 'parse-prometheus-text-format';

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value?: string;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly metrics: readonly Sample[];
}

export const familiesOf = (text: string): readonly Family[] => parse(text) as readonly Family[];

/** The sample with exactly these labels. */
function sampleOf(text: string, name: string, labels: Record<string, string> = {}): Sample | null {
  const sorted = (of: Readonly<Record<string, string>> = {}) => JSON.stringify(Object.entries(of).sort());
  const family = familiesOf(text).find((one) => one.name === name);
  return family?.metrics.find((sample) => sorted(sample.labels) === sorted(labels)) ?? null;
}

/** Its number; null: there is no such sample. */
export function numberOf(text: string, name: string, labels: Record<string, string> = {}): number | null {
  const value = sampleOf(text, name, labels)?.value;
  return value === undefined ? null : value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
}

/** The number on the one line that begins with this: the parser leaves out the counts of a histogram that has labels. */
export function lineOf(text: string, start: string): number {
  const [line, ...more] = text.split('\n').filter((one) => one.startsWith(`${start} `));
  if (line === undefined || more.length > 0) throw new Error(`${start} is there ${more.length + 1} times`);
  return Number(line.slice(start.length));
}
