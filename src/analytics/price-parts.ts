import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProvider } from '@pydantic/genai-prices';
import { SettingsError } from '../errors.ts';
import { packageRoot, packageVersion, pinnedVersion } from '../package.ts';
import type { PricePart, StoredPrice } from '../warehouse/editions.ts';
import { PriceFileError, readFactors, readPrices } from './price-files.ts';
import { applyFactors, expandModels, type Price } from './prices.ts';

/**
 * The prices a warehouse is to have: the list this program ships with and the user's contract. Nothing is fetched: the
 * package's data comes with it, and its `updatePrices` is never called.
 *
 * @param contractFile the setting PRICES_FILE; null: no contract, and a former one is taken out.
 * @throws {SettingsError} when that file cannot be read or a line of it is wrong.
 */
export function priceParts(contractFile: string | null): readonly PricePart[] {
  return [listPart(), contractPart(contractFile)];
}

let list: PricePart | null = null;

function listPart(): PricePart {
  list ??= { part: 'list prices', rows: [...seedRows(), ...overlayRows()] };
  return list;
}

const seed = (): readonly Price[] => expandModels(findProvider({ providerId: 'openai' })?.models ?? []);

const seedRows = (): readonly StoredPrice[] =>
  seed().map((price) => stored(price, 'genai-prices', pinnedVersion('@pydantic/genai-prices')));

function overlayRows(): readonly StoredPrice[] {
  const explicit = readPrices(shipped('overlay.csv'));
  const derived = applyFactors([...seed(), ...explicit], readFactors(shipped('tier_factors.csv')));
  return [...explicit, ...derived].map((price) => stored(price, 'overlay', packageVersion));
}

const shipped = (name: string): string => readFileSync(join(packageRoot, 'sql/prices', name), 'utf8');

function contractPart(file: string | null): PricePart {
  if (file === null) return { part: 'contract prices', rows: [] };
  const text = readContract(file);
  const version = hash('sha256', text).slice(0, 12);
  try {
    return {
      part: 'contract prices',
      rows: readPrices(text).map((price) => stored(price, 'contract', version)),
    };
  } catch (error) {
    if (!(error instanceof PriceFileError)) throw error;
    throw new SettingsError(`PRICES_FILE ${file}: ${error.message}`, { cause: error });
  }
}

function readContract(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new SettingsError(`PRICES_FILE ${file} cannot be read (${code})`, { cause: error });
  }
}

export const stored = (price: Price, source: StoredPrice['source'], version: string): StoredPrice => ({
  model: price.model,
  service_tier: price.serviceTier,
  token_type: price.tokenType,
  min_input_tokens: price.minInputTokens,
  valid_from: price.validFrom,
  valid_to: price.validTo,
  usd_per_mtok: price.usdPerMtok,
  source,
  source_version: version,
  note: price.note,
});
