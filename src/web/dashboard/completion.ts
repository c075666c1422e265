/** One completion, read from an open file. */
import type { SqlRow } from '../../warehouse/engine/session.ts';
import { rowsOf } from './question.ts';
import { type DataFile, spread } from './reader.ts';
import { countOrNull, number, tagsOf, text, textOrNull } from './rows.ts';
import type { Tags } from './tables.ts';

export interface Place {
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
}

export interface CostLine {
  readonly tokenType: string;
  readonly tokens: bigint | null;
  /** The price is that of calls of so many input tokens or more. */
  readonly minInputTokens: bigint | null;
  /** US dollars a million tokens, exact decimal text; null: no price. */
  readonly usdPerMtok: string | null;
  readonly listCostUsd: string | null;
  readonly priceSource: string | null;
  /** No list names a price: it is that of input. */
  readonly isAssumed: boolean;
}

export interface Answer {
  readonly index: number;
  readonly finishReason: string | null;
  readonly isRefused: boolean;
  /** Names of the tools it calls. */
  readonly tools: string | null;
}

/** A message, an answer, what a tool is called with. */
export interface Text {
  readonly part: string;
  readonly role: string | null;
  readonly text: string;
  readonly isCut: boolean;
}

export interface Completion extends Place {
  readonly id: string;
  /** Columns of sql/dashboard/completion. */
  readonly fields: SqlRow;
  readonly tags: Tags;
  readonly costs: readonly CostLine[];
  readonly answers: readonly Answer[];
  /** null: not allowed; none: not held. */
  readonly texts: readonly Text[] | null;
}

export interface FoundCompletion {
  readonly kind: DataFile['kind'];
  /** Where it is held; none: nowhere. */
  readonly places: readonly Place[];
  /** null: it is held nowhere, or in several places and none of them was asked for. */
  readonly completion: Completion | null;
}

export interface CompletionQuestion {
  readonly id: string;
  /** null: the only one there is. */
  readonly source: string | null;
  /** Text of prompts and answers is not even asked for otherwise. */
  readonly showsText: boolean;
}

/** Signs of a text at the most: a page has to stay one that a browser shows. */
const LENGTH_MAX = 20_000;

/** @throws {TokenhouseError} */
export async function readCompletion(
  file: DataFile,
  { id, source, showsText }: CompletionQuestion,
): Promise<FoundCompletion> {
  const { kind, connections } = file;
  const [first] = connections;
  if (first === undefined) throw new Error('a file without a connection');
  const rows = await rowsOf(first, 'completion_places', { parameters: { id } });
  const places = rows.map(
    (row): Place => ({
      source: text(row, 'source'),
      createdAt: text(row, 'created_at'),
    }),
  );
  const asked = places.filter((one) => source === null || one.source === source);
  const [place] = asked;
  if (place === undefined || new Set(asked.map((one) => one.source)).size > 1) {
    return { kind, places, completion: null };
  }
  const parameters = {
    id,
    source: place.source,
    created_at: place.createdAt,
    day: place.createdAt.slice(0, 10),
    length: LENGTH_MAX,
  };
  const [fields = [], costs = [], answers = [], texts = []] = await spread(connections, [
    (one) => rowsOf(one, 'completion', { parameters }),
    (one) => rowsOf(one, 'completion_costs', { parameters }),
    (one) => rowsOf(one, 'completion_choices', { parameters }),
    async (one) => (showsText ? await rowsOf(one, 'completion_texts', { parameters }) : []),
  ]);
  const [row = {}] = fields;
  const completion: Completion = {
    id,
    ...place,
    fields: row,
    tags: tagsOf(row['tags']),
    costs: costs.map(costOf),
    answers: answers.map(answerOf),
    texts: showsText ? texts.map(textOf) : null,
  };
  return { kind, places, completion };
}

const costOf = (row: SqlRow): CostLine => ({
  tokenType: text(row, 'token_type'),
  tokens: countOrNull(row, 'tokens'),
  minInputTokens: countOrNull(row, 'min_input_tokens'),
  usdPerMtok: textOrNull(row, 'usd_per_mtok'),
  listCostUsd: textOrNull(row, 'list_cost_usd'),
  priceSource: textOrNull(row, 'price_source'),
  isAssumed: row['is_assumed'] === true,
});

const answerOf = (row: SqlRow): Answer => ({
  index: number(row, 'choice_index'),
  finishReason: textOrNull(row, 'finish_reason'),
  isRefused: row['is_refused'] === true,
  tools: textOrNull(row, 'tools'),
});

const textOf = (row: SqlRow): Text => ({
  part: text(row, 'part'),
  role: textOrNull(row, 'role'),
  text: text(row, 'text'),
  isCut: row['is_cut'] === true,
});
