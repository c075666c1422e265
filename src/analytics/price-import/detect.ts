/** Whose price list a text is, told by what it holds and not by what it is called. Pure. */
import { PriceFileError, readPrices } from '../price-files.ts';
import { findOverlap } from '../prices.ts';
import { genaiProviders, readGenai } from './genai.ts';
import { isLitellm, readLitellm } from './litellm.ts';
import { isModelsDev, readModelsDev } from './models-dev.ts';
import type { ParsedList } from './parsed-list.ts';

export const PROVIDERS = ['openai', 'azure'] as const;
export type Provider = (typeof PROVIDERS)[number];

const KNOWN =
  'LiteLLM’s model_prices_and_context_window.json, genai-prices’ data.json, models.dev’s api.json, or a CSV as PRICES_FILE has it';

/**
 * @param provider whose models are taken; a CSV names its models itself.
 * @throws {PriceFileError} for what is none of the lists, or holds no price; goes on from the name of the file.
 */
export function readPriceList(text: string, provider: Provider): ParsedList {
  const list = /^\s*[[{]/.test(text) ? readJson(text, provider) : readCsv(text);
  const overlap = findOverlap(list.prices);
  if (overlap === null) return list;
  throw new PriceFileError(`gives ${overlap[0].model} two ${overlap[0].tokenType} prices for the same days`);
}

function readJson(text: string, provider: Provider): ParsedList {
  const file = parsed(text);
  const providers = genaiProviders(file);
  if (providers !== null) return readGenai(providers, provider);
  if (!Array.isArray(file) && isLitellm(file)) return readLitellm(file, provider);
  if (!Array.isArray(file) && isModelsDev(file)) return readModelsDev(file, provider);
  throw new PriceFileError(`is none of the price lists that can be read: ${KNOWN}`);
}

function parsed(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    // V8's message quotes the text.
    throw new PriceFileError('begins like JSON and is none: is it there as a whole?');
  }
}

function readCsv(text: string): ParsedList {
  const header = /^(?:\uFEFF)?(?:[ \t]*#[^\n]*\n|\s*\n)*([^\n]*)/.exec(text)?.[1] ?? '';
  if (!/\busd_per_mtok\b/.test(header)) {
    throw new PriceFileError(`is none of the price lists that can be read: ${KNOWN}`);
  }
  const prices = readPrices(text).map((price) => ({ ...price, usdPerMtok: plain(price.usdPerMtok) }));
  if (prices.length === 0) throw new PriceFileError('holds no price');
  return { kind: 'csv', prices, skipped: [] };
}

/** As the warehouse gives it back: 2.50 would differ from the 2.5 that is held, and each night's import would begin a new period. */
const plain = (usdPerMtok: string | null): string | null =>
  usdPerMtok
    ?.replace(/^0+(?=\d)/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '') ?? null;
