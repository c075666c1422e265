/** LiteLLM's `model_prices_and_context_window.json`. Pure. */
import type { Price, TokenType } from '../prices.ts';
import { isModelName, type ParsedList, parsedList, type SkipReason, Skips, usdOf } from './parsed-list.ts';

/** US dollars a token. */
const TOKEN_TYPE_OF: Readonly<Record<string, TokenType>> = {
  input_cost_per_token: 'input',
  cache_read_input_token_cost: 'input_cached',
  cache_creation_input_token_cost: 'input_cache_write',
  input_cost_per_audio_token: 'input_audio',
  output_cost_per_token: 'output',
  output_cost_per_audio_token: 'output_audio',
};

/**
 * The tiers that a completion may name, by how a key ends. OpenAI calls priority processing fast mode since July 2026; whichever of
 * the two a completion has, it counts as priority here.
 *
 * @see OpenAI, "Fast mode"; LiteLLM, "OpenAI Fast & Ultrafast mode": gpt-6 returns fast, gpt-5.6 priority.
 */
const TIER_OF: Readonly<Record<string, string>> = {
  flex: 'flex',
  priority: 'priority',
  ultrafast: 'ultrafast',
};

const CHAT_MODES: ReadonlySet<unknown> = new Set(['chat', 'completion', 'responses', undefined]);

/** A model as the file has it. */
type Entry = Readonly<Record<string, unknown>>;

export const isLitellm = (file: object): file is Readonly<Record<string, Entry>> =>
  Object.values(file).some((entry) => isEntry(entry) && 'litellm_provider' in entry);

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws {PriceFileError} as {@link parsedList}. */
export function readLitellm(file: Readonly<Record<string, unknown>>, provider: string): ParsedList {
  const skips = new Skips();
  const prices = new Map<string, readonly Price[]>();
  for (const [key, entry] of Object.entries(file)) {
    // What the fields are, in place of a model.
    if (key === 'sample_spec') continue;
    if (!isEntry(entry) || entry['litellm_provider'] !== provider) {
      skips.add('other_provider', key);
      continue;
    }
    const name = key.startsWith(`${provider}/`) ? key.slice(provider.length + 1) : key;
    const reason = whyNot(name, entry);
    if (reason !== null) skips.add(reason, key);
    // The plain name stands before the one with the provider in front, and is the one that completions have.
    else if (name === key || !prices.has(name)) prices.set(name, pricesOf(name, entry, skips));
  }
  return parsedList('litellm', provider, [...prices.values()].flat(), skips);
}

function whyNot(name: string, entry: Entry): SkipReason | null {
  if (!CHAT_MODES.has(entry['mode'])) return 'no_chat';
  if (name.includes('/')) return 'variant';
  return isModelName(name) ? null : 'odd_name';
}

function pricesOf(model: string, entry: Entry, skips: Skips): readonly Price[] {
  return Object.entries(entry).flatMap(([key, value]) => {
    const meaning = meaningOf(key);
    if (meaning === null) return [];
    if (typeof meaning === 'string') {
      skips.add(meaning, key);
      return [];
    }
    const usd = usdOf(typeof value === 'number' ? value * 1_000_000 : value, key, skips);
    if (usd === null) return [];
    return [{ model, ...meaning, validFrom: null, validTo: null, usdPerMtok: usd, note: key }];
  });
}

interface Meaning {
  readonly tokenType: TokenType;
  readonly serviceTier: string;
  readonly minInputTokens: number;
}

/** Of a call, a picture, an hour; what is of an image's tokens is not. */
const FEE =
  /_per_(?:query|session|call|request|image|pixel|character|second|minute|hour|page|gb|1k_calls)(?!_token)|^(?:search_context|code_interpreter|file_search|vector_store|computer_use|web_search)/;
const NOT_TOLD_APART = /image|video|reasoning|audio/;

/** What a key of a model says: null, nothing of prices. */
function meaningOf(key: string): Meaning | SkipReason | null {
  if (/_uplift_multiplier/.test(key)) return 'uplift';
  if (!/cost/.test(key)) return null;
  const [, base = '', rest = ''] =
    /^(.+?(?:_per_(?:audio_)?token|_token_cost))((?:_above_.*|_[a-z]+)?)$/.exec(key) ?? [];
  const tokenType = TOKEN_TYPE_OF[base];
  if (tokenType === undefined)
    return FEE.test(key) ? 'fee' : NOT_TOLD_APART.test(key) ? 'not_told_apart' : 'unknown_key';
  if (/_above_\d+(?:hr|h|min|m)(?:_|$)/.test(rest)) return 'kept_longer';
  const [, thousands, tier] = /^(?:_above_(\d{1,6})k_tokens)?(?:_([a-z]+))?$/.exec(rest) ?? [];
  if (tier === 'batches' && /^(?:_above_\d+k_tokens)?_batches$/.test(rest)) return 'batch';
  const serviceTier = tier === undefined ? 'default' : TIER_OF[tier];
  if (serviceTier === undefined || (rest !== '' && thousands === undefined && tier === undefined))
    return 'unknown_key';
  // Above so many: from one token more on.
  return {
    tokenType,
    serviceTier,
    minInputTokens: thousands === undefined ? 0 : Number(thousands) * 1_000 + 1,
  };
}
