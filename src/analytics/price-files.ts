import { z } from 'zod';
import { type CsvRow, parseCsv } from './csv.ts';
import { findOverlap, type Price, type TierFactor, TOKEN_TYPES } from './prices.ts';

/** Prices as people write them down, in CSV. Pure. */

const PRICE_COLUMNS = [
  'model',
  'service_tier',
  'token_type',
  'min_input_tokens',
  'valid_from',
  'valid_to',
  'usd_per_mtok',
] as const;

/** What is wrong with a file, where; goes on from the file's name. */
export class PriceFileError extends Error {}

const day = z
  .string()
  .refine(
    (text) => text === '' || (/^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text)),
    'must be a day as yyyy-mm-dd (UTC), or empty',
  )
  .transform((text) => text || null);

/** JavaScript makes March 2nd of February 30th. */
const isDay = (text: string): boolean => {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
};

const filled = z.string().min(1, 'must not be empty');

const priceRow = z.object({
  model: filled,
  service_tier: z
    .string()
    .regex(/^[a-z0-9_-]*$/, 'must be a tier in small letters, such as default, flex or priority')
    // One tier under two names, as marts.billable_tokens has it.
    .transform((text) => (text === 'fast' ? 'priority' : text || 'default')),
  token_type: z.enum(TOKEN_TYPES, `must be one of ${TOKEN_TYPES.join(', ')}`),
  min_input_tokens: z
    .string()
    .regex(/^\d{0,12}$/, 'must be a whole number of tokens, or empty for 0')
    .transform(Number),
  valid_from: day,
  valid_to: day,
  usd_per_mtok: z
    .string()
    .regex(
      /^(\d{1,9}(\.\d{1,6})?)?$/,
      'must be US dollars per million tokens with at most six decimals, such as 1.25; empty: no price',
    )
    .transform((text) => text || null),
  note: z.string().default(''),
});

interface LinedPrice extends Price {
  readonly line: number;
}

/**
 * A price list: the columns of PRICE_COLUMNS and, if it likes, `note`. Several names of one model stand in one row with |
 * between.
 *
 * @throws {PriceFileError} for the first thing that is wrong, with line and column.
 */
export function readPrices(text: string): readonly Price[] {
  const { columns, rows } = parseCsv(text);
  const missing = PRICE_COLUMNS.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    throw new PriceFileError(
      `line 1 lacks the column ${missing.join(', ')}: it must name ${PRICE_COLUMNS.join(',')}`,
    );
  }
  const prices = rows.flatMap(priceOf);
  const overlap = findOverlap(prices);
  if (overlap !== null) {
    const [one, other] = overlap.map(({ line }) => line).toSorted((a, b) => a - b);
    throw new PriceFileError(
      `lines ${one} and ${other} give ${overlap[0].model} two prices for the same days: ` +
        'end the first one with valid_to (that day excluded) where the second one begins',
    );
  }
  return prices.map(({ line: _, ...price }) => price);
}

function priceOf(row: CsvRow): readonly LinedPrice[] {
  const fields = parsed(priceRow, row);
  if (fields.valid_from !== null && fields.valid_to !== null && fields.valid_from >= fields.valid_to) {
    throw new PriceFileError(
      `line ${row.line}: valid_to must be a later day than valid_from, as it is excluded`,
    );
  }
  return fields.model.split('|').map((model) => ({
    model: model.trim(),
    serviceTier: fields.service_tier,
    tokenType: fields.token_type,
    minInputTokens: fields.min_input_tokens,
    validFrom: fields.valid_from,
    validTo: fields.valid_to,
    usdPerMtok: fields.usd_per_mtok,
    note: fields.note,
    line: row.line,
  }));
}

const factorRow = z.object({
  model: filled,
  service_tier: filled,
  times_default: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number')
    .transform(Number),
  note: filled,
});

/** Tiers that cost a multiple of the default one. @throws {PriceFileError} as {@link readPrices}. */
export function readFactors(text: string): readonly TierFactor[] {
  return parseCsv(text).rows.flatMap((row) => {
    const fields = parsed(factorRow, row);
    return fields.model.split('|').map((model) => ({
      model: model.trim(),
      serviceTier: fields.service_tier,
      factor: fields.times_default,
      note: fields.note,
    }));
  });
}

function parsed<T>(schema: z.ZodType<T>, { line, fields }: CsvRow): T {
  if ('+' in fields) throw new PriceFileError(`line ${line} has more fields than the header`);
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new PriceFileError(`line ${line}: ${String(issue?.path[0] ?? 'it')} ${issue?.message ?? 'is wrong'}`);
}
