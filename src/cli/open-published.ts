/** What questions are put to: the published copy, which a run never holds, or the warehouse itself. */
import { existsSync } from 'node:fs';
import { Option } from 'commander';
import type { LocalConfig } from '../config.ts';
import { TokenhouseError, TransientError } from '../errors.ts';
import { openWarehouse } from '../warehouse/open.ts';
import type { Publication } from '../warehouse/publish/publication.ts';
import { isCopyOf, publicationIn } from '../warehouse/publish/published-copy.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import type { CommandContext } from './context.ts';
import { openForReading } from './open-for-reading.ts';
import { localConfigOf, openOf, type ReadOptions } from './read-options.ts';
import { spanText } from './status-text.ts';

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
}

/**
 * The published copy where there is one of this warehouse, else the warehouse.
 *
 * @throws as `openOf` where it comes to the warehouse.
 */
export async function openForQuestions(
  context: CommandContext,
  options: QuestionOptions,
): Promise<Questioned> {
  const found = options.live === true ? null : await openCopy(context, localConfigOf(context, options));
  return found ?? { warehouse: await openOf(context, options), publication: null };
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
      return { warehouse: await openForReading(context, atOnce), publication: null };
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      const copy = await openCopy(context, config);
      if (copy !== null) return copy;
    }
  }
  return { warehouse: await openForReading(context, config), publication: null };
}

/** @returns null: none is made, there is none yet, it cannot be read (which is logged), or it is of another warehouse. */
export async function openCopy(
  context: CommandContext,
  { warehouse, publish }: LocalConfig,
): Promise<Required<Questioned> | null> {
  if (publish.to === null || !existsSync(publish.to)) return null;
  try {
    const copy = await openWarehouse({
      ...warehouse,
      path: publish.to,
      readOnly: true,
      waitSeconds: 0,
      signal: context.signal,
    });
    try {
      const publication = await publicationIn(copy);
      if (isCopyOf(publication, warehouse.path)) return { warehouse: copy, publication };
      context.log.info({ publishTo: publish.to }, 'the published copy is of another warehouse: not read');
    } catch (error) {
      await copy.close();
      throw error;
    }
    await copy.close();
  } catch (error) {
    if (!(error instanceof TokenhouseError)) throw error;
    context.log.warn(
      { publishTo: publish.to },
      `the published copy cannot be read, so the warehouse is: ${error.message}`,
    );
  }
  return null;
}

/** A copy is replaced after each run, most often each night: an older one is worth a word. */
const OLD_SECONDS = 26 * 3_600;

/** `as of 2026-11-23 02:17:00Z, 31 h old`; null for a young copy and for the warehouse itself. */
export function ageNote({ publication }: Questioned, nowMs: number): string | null {
  if (publication === null) return null;
  const seconds = (nowMs - Date.parse(publication.publishedAt)) / 1000;
  if (seconds < OLD_SECONDS) return null;
  const at = publication.publishedAt.replace('T', ' ').replace(/\.\d+/, '');
  return `the published copy is ${spanText(seconds)} old (${at}); --live reads the warehouse itself`;
}
