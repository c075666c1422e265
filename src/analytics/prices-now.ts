/** The prices that costs are told with: those of now, whatever the last run or copy was made with. */
import { existsSync } from 'node:fs';
import type { PricePart } from '../warehouse/editions.ts';
import type { PricesOfFile } from '../warehouse/present-prices.ts';
import { priceParts } from './price-parts.ts';

/**
 * A copy whose warehouse is not at hand keeps its contract where none is set here: that is a setting of where it comes from.
 *
 * @param path of the warehouse.
 * @throws {SettingsError} for a PRICES_FILE that cannot be read.
 */
export function pricesNow(warehouse: {
  readonly path: string;
  readonly pricesFile: string | null;
}): readonly PricePart[] {
  const parts = priceParts(warehouse.pricesFile);
  const isSet = warehouse.pricesFile !== null || existsSync(warehouse.path);
  return isSet ? parts : parts.filter(({ part }) => part !== 'contract prices');
}

/** What is to be said of the prices of what is read, a sentence without its end; null: they are those of now. */
export function priceNote(prices: PricesOfFile['kind'], isCopy: boolean): string | null {
  if (prices === 'held') return null;
  const what = isCopy ? 'the published copy' : 'the warehouse';
  const made = `${what} was made with other prices than there are now (PRICES_FILE, or a new version)`;
  const how = `\`tokenhouse ${isCopy ? 'publish' : 'sync'}\` brings it up to date`;
  return prices === 'shown'
    ? `${made}: costs are worked out anew, which takes longer; ${how}`
    : `${made} and by another version, so its costs are the old ones; ${how}`;
}
