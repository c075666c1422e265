/** Generated rows: a second each in a typed array; everything else about a row follows from (seed, index). */
import { monthArrivals, steadyArrivals } from './arrivals.ts';
import { cumulate, dice, fraction, pick } from './random.ts';

/** A metadata key of the generated rows, with its values; the first ones are the most frequent. */
export interface MetadataColumn {
  readonly key: string;
  readonly values: readonly string[];
  /** 0: all values alike; 1: the n-th value has a weight of 1/n. */
  readonly skew: number;
  /** Share of the rows with metadata that have this key. */
  readonly presentShare: number;
}

export interface GenerateOptions {
  readonly rows: number;
  /** Any integer; the same one gives the same rows. */
  readonly seed: number;
  /** The newest row's `created`. Rows beyond the emulator's clock show up when their second has come. */
  readonly endSeconds: number;
  /** `steady`: Poisson arrivals at `ratePerSecond`. `month`: days, nights, weekends and bursts over `days` days. */
  readonly profile: 'steady' | 'month';
  readonly ratePerSecond: number;
  readonly days: number;
  /** Single seconds that get so many of the `rows`, for ties as dense as wanted. */
  readonly denseSeconds: readonly { readonly at: number; readonly rows: number }[];
  /** Resolved model names and their weights. */
  readonly models: readonly (readonly [name: string, weight: number])[];
  /** Empty: every row has `metadata: {}`. */
  readonly metadata: readonly MetadataColumn[];
  /** Shares of the rows, 0 to 1. */
  readonly metadataShare: number;
  readonly usageShare: number;
  /** With `prompt_tokens_details` and `completion_tokens_details`; usually absent in a stored list. */
  readonly usageDetailsShare: number;
  readonly toolCallShare: number;
  readonly refusalShare: number;
  readonly severalChoicesShare: number;
}

const CUSTOMERS = Array.from({ length: 400 }, (_, index) => `c-${String(index + 1).padStart(4, '0')}`);

export const GENERATE_DEFAULTS: Omit<GenerateOptions, 'endSeconds'> = {
  rows: 0,
  seed: 1,
  profile: 'steady',
  ratePerSecond: 0.5,
  days: 30,
  denseSeconds: [],
  models: [
    ['gpt-4.1-mini-2025-04-14', 32],
    ['gpt-4o-mini-2024-07-18', 22],
    ['gpt-4o-2024-08-06', 12],
    ['gpt-5-mini-2025-08-07', 11],
    ['gpt-4.1-2025-04-14', 9],
    ['gpt-5-2025-08-07', 7],
    ['o4-mini-2025-04-16', 5],
    ['gpt-4.1-nano-2025-04-14', 2],
  ],
  metadata: [
    {
      key: 'team',
      values: ['support', 'search', 'billing', 'platform', 'growth'],
      skew: 0.7,
      presentShare: 0.95,
    },
    {
      key: 'feature',
      values: [
        'reply-draft',
        'summary',
        'classify',
        'extract',
        'translate',
        'code-review',
        'tagging',
        'chat',
      ],
      skew: 0.8,
      presentShare: 0.9,
    },
    { key: 'env', values: ['production', 'staging', 'dev'], skew: 2, presentShare: 1 },
    { key: 'customer', values: CUSTOMERS, skew: 1, presentShare: 0.6 },
  ],
  metadataShare: 0.9,
  usageShare: 1,
  usageDetailsShare: 0.1,
  toolCallShare: 0.08,
  refusalShare: 0.004,
  severalChoicesShare: 0.01,
};

/** One salt a property, a thousand apart, so that no two properties of a row are tied to each other. */
export const SALT = {
  model: 1000,
  id: 2000,
  metadata: 3000,
  usage: 4000,
  text: 5000,
  kind: 6000,
  seed: 7000,
  request: 8000,
  tier: 9000,
  late: 10_000,
  column: 100_000,
} as const;

/** A property of a row with few values, by which a list can be filtered. */
export interface Column {
  readonly values: readonly string[];
  /** `"key":"value"` as JSON, one per value. */
  readonly pairs: readonly string[];
  /** The row's value as its place in `values`; -1 when it has none. */
  codeOf(index: number): number;
}

export interface Generated {
  readonly options: GenerateOptions;
  /** Ascending; the place in it is the row's index. */
  readonly created: Uint32Array;
  readonly model: Column;
  /** By metadata key. */
  readonly metadata: ReadonlyMap<string, Column>;
}

/** @returns the rows; 4 bytes each are held. */
export function generate(options: GenerateOptions): Generated {
  const { seed } = options;
  const models = cumulate(options.models.map(([, weight]) => weight));
  const metadata = options.metadata.map((column, place): [string, Column] => {
    const weights = cumulate(column.values.map((_, rank) => 1 / (rank + 1) ** column.skew));
    const codeOf = (index: number): number => {
      if (fraction(seed, index, SALT.metadata) >= options.metadataShare) return -1;
      const present = fraction(seed, index, SALT.column + 2 * place) < column.presentShare;
      return present ? pick(weights, fraction(seed, index, SALT.column + 2 * place + 1)) : -1;
    };
    const pairs = column.values.map((value) => `${JSON.stringify(column.key)}:${JSON.stringify(value)}`);
    return [column.key, { values: column.values, pairs, codeOf }];
  });
  return {
    options,
    created: arrivals(options),
    model: {
      values: options.models.map(([name]) => name),
      pairs: options.models.map(([name]) => `"model":${JSON.stringify(name)}`),
      codeOf: (index) => pick(models, fraction(seed, index, SALT.model)),
    },
    metadata: new Map(metadata),
  };
}

function arrivals(options: GenerateOptions): Uint32Array {
  const dense = options.denseSeconds.flatMap(({ at, rows }) => Array.from({ length: rows }, () => at));
  const rows = Math.max(0, options.rows - dense.length);
  const roll = dice(options.seed);
  const spread =
    options.profile === 'month'
      ? monthArrivals(rows, options.days, options.endSeconds, roll)
      : steadyArrivals(rows, options.ratePerSecond, options.endSeconds, roll);
  if (dense.length === 0) return spread;
  const all = new Uint32Array(rows + dense.length);
  all.set(spread);
  all.set(dense, rows);
  return all.sort();
}
