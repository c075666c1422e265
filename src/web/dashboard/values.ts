/** The values of one metadata key, such as customers, a page of them at a time: what the URL asks for, and what is read for it. */
import type { Group } from './data.ts';
import type { Filters } from './filters.ts';
import { groupedBy, rowsOf } from './question.ts';
import { type Choice, readChoice } from './read-dashboard.ts';
import type { DataFile } from './reader.ts';
import { count, countOrNull, number, text, textOrNull } from './rows.ts';

export const SORTS = {
  cost: 'List cost',
  tokens: 'Tokens',
  completions: 'Requests',
  mean: 'Mean list cost of a request',
  name: 'Name',
} as const;
export type Sort = keyof typeof SORTS;

export interface Asking {
  readonly filters: Filters;
  /** Part of a value, upper and lower case alike; empty: all. */
  readonly search: string;
  readonly sort: Sort;
  /** 1 for the first. */
  readonly page: number;
}

export interface Value {
  /** Among all values, in the order that is asked for. */
  readonly place: number;
  readonly group: Group;
  readonly completions: bigint;
  readonly inputTokens: bigint | null;
  readonly outputTokens: bigint | null;
  readonly totalTokens: bigint | null;
  /** US dollars, exact decimal text; null: nothing has a price. */
  readonly listCostUsd: string | null;
  readonly meanListCostUsd: number | null;
  /** 0 to 1, of all values and of what lacks the key; null without a whole. */
  readonly costShare: number | null;
  readonly tokenShare: number | null;
  readonly pricedShare: number | null;
}

export interface Values extends Choice {
  readonly values: readonly Value[];
  /** That the search has found, on all pages. */
  readonly found: number;
  /** Whether or not they were searched for; null: nothing was found, so it is not known. */
  readonly all: number | null;
}

export const ROWS_A_PAGE = 50;
const SEARCH_LENGTH_MAX = 200;
/** Further down nobody reads, and a search finds it. */
const PAGE_MAX = 10_000;

export function askingOf(query: URLSearchParams, filters: Filters): Asking {
  const sort = query.get('sort') ?? '';
  const page = Number(query.get('page') ?? 1);
  return {
    filters,
    search: (query.get('q') ?? '').trim().slice(0, SEARCH_LENGTH_MAX),
    sort: Object.hasOwn(SORTS, sort) ? (sort as Sort) : 'cost',
    page: Number.isInteger(page) && page >= 1 && page <= PAGE_MAX ? page : 1,
  };
}

/** @param limit rows at the most; those of the page unless given. @returns null: no run has been made yet. @throws {TokenhouseError} */
export async function readValues(
  file: DataFile,
  { filters, search, sort, page }: Asking,
  limit: number | null = null,
): Promise<Values | null> {
  const choice = await readChoice(file, filters);
  if (choice === null) return null;
  const [first] = file.connections;
  if (choice.key === null || first === undefined) return { ...choice, values: [], found: 0, all: null };
  const { since, until } = choice.period;
  const rows = await rowsOf(first, 'values', {
    by: groupedBy('metadata', choice.key),
    where: filters.where,
    parameters: {
      ...{ since, until, from: since, to: until, source: filters.source },
      ...{ search, sort, limit: limit ?? ROWS_A_PAGE, offset: limit === null ? (page - 1) * ROWS_A_PAGE : 0 },
    },
  });
  const ratio = (part: number | null, whole: number | null): number | null =>
    part === null || whole === null || whole === 0 ? null : part / whole;
  const values = rows.map((row): Value => {
    const of = (name: string): number | null => {
      const exact = textOrNull(row, name);
      return exact === null ? null : Number(exact);
    };
    return {
      place: number(row, 'place'),
      group: row['is_untagged'] === true ? { kind: 'untagged' } : { kind: 'named', name: text(row, 'name') },
      completions: count(row, 'completions'),
      inputTokens: countOrNull(row, 'input_tokens'),
      outputTokens: countOrNull(row, 'output_tokens'),
      totalTokens: countOrNull(row, 'total_tokens'),
      listCostUsd: textOrNull(row, 'list_cost_usd'),
      meanListCostUsd: of('mean_list_cost_usd'),
      costShare: ratio(of('list_cost_usd'), of('whole_list_cost_usd')),
      tokenShare: ratio(of('total_tokens'), of('whole_total_tokens')),
      pricedShare: ratio(of('priced_tokens'), of('total_tokens')),
    };
  });
  const [row] = rows;
  return {
    ...choice,
    values,
    found: row === undefined ? 0 : number(row, 'found_count'),
    all: row === undefined ? null : number(row, 'value_count'),
  };
}
