/** The `api.json` of models.dev. Pure. */
import { z } from 'zod';
import { type Price, TOKEN_TYPES, type TokenType } from '../prices.ts';
import { isModelName, type ParsedList, parsedList, Skips, usdOf } from './parsed-list.ts';

/** US dollars per million tokens. */
const KEY_OF: Readonly<Record<TokenType, string>> = {
  input: 'input',
  input_cached: 'cache_read',
  input_cache_write: 'cache_write',
  input_audio: 'input_audio',
  output: 'output',
  output_audio: 'output_audio',
};
const KNOWN: ReadonlySet<string> = new Set([...Object.values(KEY_OF), 'tiers', 'context_over_200k']);

const card = z.looseObject({});
const cost = z.looseObject({
  tiers: z
    .array(
      z.looseObject({ tier: z.looseObject({ type: z.string(), size: z.int().min(0).max(999_999_999) }) }),
    )
    .optional(),
  context_over_200k: card.optional(),
});
const model = z.looseObject({
  cost: cost.optional(),
  modalities: z.looseObject({ output: z.array(z.string()) }).optional(),
  experimental: z
    .looseObject({
      modes: z
        .record(
          z.string(),
          z.looseObject({
            cost: cost.optional(),
            provider: z
              .looseObject({ body: z.looseObject({ service_tier: z.unknown().optional() }).optional() })
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

type Cost = z.infer<typeof cost>;
type Model = z.infer<typeof model>;

interface Provider {
  readonly models: Readonly<Record<string, unknown>>;
}

export const isModelsDev = (file: object): file is Readonly<Record<string, Provider>> =>
  Object.values(file).some(isProvider);

const isProvider = (value: unknown): value is Provider =>
  typeof value === 'object' &&
  value !== null &&
  'models' in value &&
  typeof value.models === 'object' &&
  value.models !== null &&
  !Array.isArray(value.models);

/** Of priority processing, which OpenAI calls fast mode since July 2026; see litellm.ts. */
const TIER_OF: Readonly<Record<string, string>> = {
  flex: 'flex',
  priority: 'priority',
  fast: 'priority',
  ultrafast: 'ultrafast',
};

/** @throws {PriceFileError} as {@link parsedList}. */
export function readModelsDev(file: Readonly<Record<string, unknown>>, provider: string): ParsedList {
  const skips = new Skips();
  const prices: Price[] = [];
  for (const [id, entry] of Object.entries(file)) {
    if (!isProvider(entry)) continue;
    for (const [name, found] of Object.entries(entry.models)) {
      const parsed = model.safeParse(found);
      if (id !== provider) skips.add('other_provider', name);
      else if (!isModelName(name) || name.includes('/')) skips.add('odd_name', name);
      else if (!parsed.success) skips.add('not_a_price', name);
      else if (!answersText(parsed.data)) skips.add('no_chat', name);
      else prices.push(...pricesOf(name, parsed.data, skips));
    }
  }
  return parsedList('models.dev', provider, prices, skips);
}

const answersText = ({ cost: base, modalities }: Model): boolean =>
  base !== undefined && (modalities?.output.some((one) => one === 'text' || one === 'audio') ?? true);

function pricesOf(name: string, { cost: base, experimental }: Model, skips: Skips): readonly Price[] {
  const modes = Object.values(experimental?.modes ?? {}).flatMap((mode) => {
    const tier = TIER_OF[String(mode.provider?.body?.service_tier)];
    return mode.cost === undefined || tier === undefined ? [] : [[tier, mode.cost] as const];
  });
  // Of two modes of one tier the first.
  const byTier = new Map<string, Cost | undefined>([...modes.toReversed(), ['default', base]]);
  return [...byTier].flatMap(([tier, found]) =>
    found === undefined ? [] : cardsOf(name, tier, found, skips),
  );
}

function cardsOf(name: string, tier: string, found: Cost, skips: Skips): readonly Price[] {
  for (const key of Object.keys(found)) {
    if (!KNOWN.has(key)) skips.add(key === 'reasoning' ? 'not_told_apart' : 'unknown_key', key);
  }
  const sizes = new Map<number, object>([[0, found]]);
  for (const step of found.tiers ?? []) {
    // More input than that: from one token more on.
    if (step.tier.type === 'context') sizes.set(step.tier.size + 1, step);
    else skips.add('unknown_key', `tiers.${step.tier.type}`);
  }
  // The older form, whose name does not tell where a step of another size begins.
  if (found.tiers === undefined && found.context_over_200k !== undefined)
    sizes.set(200_001, found.context_over_200k);
  return [...sizes].flatMap(([minInputTokens, rates]) =>
    TOKEN_TYPES.flatMap((tokenType): readonly Price[] => {
      const key = KEY_OF[tokenType];
      const value = (rates as Readonly<Record<string, unknown>>)[key];
      const usd = value === undefined ? null : usdOf(value, `${name}.${key}`, skips);
      if (usd === null) return [];
      const period = { validFrom: null, validTo: null };
      return [
        { model: name, serviceTier: tier, tokenType, minInputTokens, ...period, usdPerMtok: usd, note: '' },
      ];
    }),
  );
}
