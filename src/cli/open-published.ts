/** What questions are put to: the published copy, which a run never holds, or the warehouse itself. */
import { existsSync } from 'node:fs';
import { Option } from 'commander';
import { pricesNow } from '../analytics/prices-now.ts';
import type { LocalConfig } from '../config.ts';
import { TokenhouseError, TransientError } from '../errors.ts';
import { type CopyHealth, copyHealthOf } from '../health/copy-health.ts';
import { copyNote } from '../health/copy-note.ts';
import type { PricePart } from '../warehouse/editions.ts';
import { DamagedFileError } from '../warehouse/engine/damage.ts';
import { openWarehouse } from '../warehouse/open.ts';
import type { Publication } from '../warehouse/publish/publication.ts';
import { isCopyOf, publicationIn } from '../warehouse/publish/published-copy.ts';
import { readUnpublished } from '../warehouse/publish/unpublished.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import type { CommandContext } from './context.ts';
import { openForReading } from './open-for-reading.ts';
import { localConfigOf, type ReadOptions } from './read-options.ts';

export interface QuestionOptions extends ReadOptions {
  readonly live?: boolean;
}

export const liveOption = (): Option =>
  new Option('--live', 'read the warehouse itself, not the published copy: waits for a run that has it open');

export interface Questioned {
  /** Close it. */
  readonly warehouse: WarehouseFile;
  /** null: it is the warehouse itself. */
  readonly publication: Publication | null;
  /** Whether the copy is as new as it should be; null as above. */
  readonly copy: CopyHealth | null;
}

/**
 * The published copy where there is one of this warehouse, else the warehouse.
 *
 * @param isOfCosts costs are asked for: with the prices of now.
 * @throws as `openForReading` where it comes to the warehouse.
 */
export async function openForQuestions(
  context: CommandContext,
  options: QuestionOptions,
  { isOfCosts = true }: { readonly isOfCosts?: boolean } = {},
): Promise<Questioned> {
  const config = localConfigOf(context, options);
  const prices = isOfCosts ? pricesNow(config.warehouse) : [];
  const found = options.live === true ? null : await openCopy(context, config, prices);
  return (
    found ?? {
      warehouse: await openForReading(context, config, { prices }),
      publication: null,
      copy: null,
    }
  );
}

/**
 * The warehouse; while a run has it open, the published copy at once, unless the person chose to wait.
 *
 * @throws as `openForReading`.
 */
export async function openForStatus(
  context: CommandContext,
  config: LocalConfig,
  { wait }: ReadOptions,
): Promise<Questioned> {
  if (wait === undefined) {
    const atOnce = { ...config, warehouse: { ...config.warehouse, waitSeconds: 0 } };
    try {
      return { warehouse: await openForReading(context, atOnce), publication: null, copy: null };
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const copy = await openCopy(context, config);
      if (copy !== null) return copy;
    }
  }
  return { warehouse: await openForReading(context, config), publication: null, copy: null };
}

interface OpenCopy extends Questioned {
  readonly publication: Publication;
  readonly copy: CopyHealth;
}

/** @returns null: none is made, there is none yet, it cannot be read (which is logged), or it is of another warehouse. */
export async function openCopy(
  context: CommandContext,
  config: LocalConfig,
  prices: readonly PricePart[] = [],
): Promise<OpenCopy | null> {
  const { warehouse, publish } = config;
  if (publish.to === null || !existsSync(publish.to)) return null;
  try {
    const copy = await openWarehouse({
      ...warehouse,
      path: publish.to,
      readOnly: true,
      prices,
      waitSeconds: 0,
      signal: context.signal,
    });
    try {
      const publication = await publicationIn(copy);
      if (isCopyOf(publication, warehouse.path)) {
        const health = healthOfCopy(config, publish.to, publication, context.now());
        return { warehouse: copy, publication, copy: health };
      }
      context.log.info({ publishTo: publish.to }, 'the published copy is of another warehouse: not read');
    } catch (error) {
      await copy.close();
      throw error;
    }
    await copy.close();
  } catch (error) {
    if (!(error instanceof TokenhouseError)) throw error;
    const reason =
      error instanceof DamagedFileError
        ? 'it is damaged, `tokenhouse publish --full` makes it anew'
        : error.message;
    context.log.warn(
      { publishTo: publish.to },
      `the published copy cannot be read, so the warehouse is: ${reason}`,
    );
  }
  return null;
}

function healthOfCopy(
  { warehouse, jobs }: LocalConfig,
  to: string,
  { publishedAt }: Publication,
  nowMs: number,
): CopyHealth {
  return copyHealthOf({
    publishedAt,
    unpublished: readUnpublished({ warehouse: warehouse.path, to }),
    hasWarehouse: existsSync(warehouse.path),
    cron: jobs.syncCron,
    timeZone: jobs.timeZone,
    nowMs,
  });
}

/** For people, of what they asked: null for a copy that is as new as it should be, and for the warehouse itself. */
export function ageNote({ copy }: Questioned): string | null {
  const note = copy === null ? null : copyNote(copy);
  return note === null || copy?.hasWarehouse !== true ? note : `${note}; --live reads the warehouse itself`;
}
