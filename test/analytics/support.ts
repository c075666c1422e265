import { priceParts } from '../../src/analytics/price-parts.ts';
import { unixSeconds } from '../../src/sync/ports.ts';
import type { PricePart, StoredPrice } from '../../src/warehouse/editions.ts';
import type { SqlRow } from '../../src/warehouse/engine/session.ts';
import type { WarehouseOptions } from '../../src/warehouse/open.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { batch, completionId, observe, openTemporary, range, rows } from '../warehouse/support.ts';

/** Unix seconds of a moment, such as `2026-11-10T08:00:00Z`; a day is its midnight, UTC. */
const at = (text: string): number => Date.parse(text) / 1000;

export interface Made {
  readonly id: string;
  readonly at: string;
  readonly model?: string | null;
  readonly tier?: string | null;
  readonly user?: string;
  readonly fingerprint?: string;
  /** The messages of the request, as the API lists them beside the completion. */
  readonly messages?: readonly object[];
  /** The same, as some servers have them in the completion itself. */
  readonly inputMessages?: readonly object[];
  readonly tags?: Readonly<Record<string, unknown>>;
  /** The `usage` object as the API has it; null: none. */
  readonly usage?: object | null;
  readonly choices?: readonly object[];
}

/** Usage as the API nests it; details that are not named are not told. */
export const usage = (
  prompt: number,
  completion: number,
  { cached, reasoning }: { cached?: number; reasoning?: number } = {},
): object => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  ...(cached === undefined ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
  ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
});

export const choice = (finish_reason: string | null, message: object = {}, index = 0): object => ({
  index,
  finish_reason,
  message: { role: 'assistant', content: 'an answer', ...message },
});

const bodyOf = ({
  id,
  at: time,
  model,
  tier,
  user,
  fingerprint,
  inputMessages,
  tags,
  usage: used,
  choices,
}: Made): object => ({
  id,
  object: 'chat.completion',
  created: at(time),
  model: model === undefined ? 'gpt-4.1-2025-04-14' : model,
  service_tier: tier === undefined ? 'default' : tier,
  input_user: user ?? null,
  system_fingerprint: fingerprint ?? null,
  ...(inputMessages === undefined ? {} : { input_messages: inputMessages }),
  metadata: tags ?? {},
  choices: choices ?? [choice('stop')],
  usage: used === undefined ? usage(1_000_000, 100_000) : used,
});

export interface Run {
  readonly source?: string;
  /** When it ran, and with which it lands. */
  readonly now: string;
  /** Stretches read in full, from and to (excluded). */
  readonly covered?: readonly (readonly [from: string, to: string])[];
  readonly made: readonly Made[];
}

/** Loads what one landed run of a source brings. */
export async function load(
  warehouse: WarehouseFile,
  { source = 'prod', now, covered, made }: Run,
): Promise<void> {
  const nowSeconds = at(now);
  const scope = 'https://api.example/v1';
  const runId = await warehouse.startRun({
    source,
    scope,
    kind: 'sync',
    range: range(0, nowSeconds),
    startedAtMs: nowSeconds * 1000,
  });
  await warehouse.load(
    batch(runId, {
      source,
      scope,
      items: made.map((one) => observe(bodyOf(one), nowSeconds * 1000)),
      messages: made.flatMap(({ id, at: time, messages = [] }) =>
        messages.map((body, index) => ({
          completionId: completionId(id),
          completionCreatedAt: unixSeconds(at(time)),
          index,
          raw: JSON.stringify(body),
          body,
        })),
      ),
      covered: (covered ?? []).map(([from, to]) => ({
        from: unixSeconds(at(from)),
        to: unixSeconds(at(to) - 1),
      })),
      end: { status: 'landed', finishedAtMs: nowSeconds * 1000, unprovenSeconds: 0, error: null },
    }),
  );
}

/** A list price that a test can count with: gpt-4.1 at 2, 0.5 cached, 8. */
export const price = (fields: Partial<StoredPrice>): StoredPrice => ({
  model: 'gpt-4.1-2025-04-14',
  service_tier: 'default',
  token_type: 'input',
  min_input_tokens: 0,
  valid_from: null,
  valid_to: null,
  usd_per_mtok: '2',
  source: 'genai-prices',
  source_version: 'test',
  note: '',
  ...fields,
});

export const listOf = (...prices: readonly StoredPrice[]): readonly PricePart[] => [
  { part: 'list prices', rows: prices },
  { part: 'contract prices', rows: [] },
];

/**
 * A warehouse with the prices this program ships, or those given. In a file that commands are to read they are those of a newer program:
 * it would be shown with the program's own otherwise.
 */
export async function openPriced(
  prices: readonly PricePart[] = priceParts(null),
  options: Partial<WarehouseOptions> = {},
): Promise<WarehouseFile> {
  const warehouse = await openTemporary({ prices, ...options });
  if (options.path !== undefined) {
    await warehouse.query("update sync.editions set program_version = '999.0.0' where part = 'list prices'");
  }
  return warehouse;
}

/** The rows of a query with numbers as numbers, for amounts that a double holds. */
export async function numbers(warehouse: WarehouseFile, sql: string): Promise<readonly SqlRow[]> {
  const found = await rows(warehouse, sql);
  return found.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'bigint' || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
          ? Number(value)
          : value,
      ]),
    ),
  );
}
