/** The published copy, brought up to date after a run. The command line and the queue's jobs both call this. */
import { priceParts } from '../analytics/price-parts.ts';
import type { LocalConfig } from '../config.ts';
import { TokenhouseError } from '../errors.ts';
import type { Log } from '../log.ts';
import { statement } from '../warehouse/engine/statements.ts';
import { MARTS } from '../warehouse/marts.ts';
import { type Published, publish } from '../warehouse/publish/publish.ts';
import {
  type CopyOf,
  explainUnpublished,
  forgetUnpublished,
  noteBeingPublished,
  noteUnpublished,
} from '../warehouse/publish/unpublished.ts';
import { collectGarbage } from './collect-garbage.ts';

/**
 * - `off`: PUBLISH_TO=none.
 * - `failed`: the old copy stays, and the next run tries again; a warning was logged, and readers of the copy are told.
 */
export type PublishOutcome =
  | { readonly kind: 'off' }
  | { readonly kind: 'published'; readonly published: Published }
  | { readonly kind: 'failed'; readonly reason: string; readonly isInterrupted: boolean };

/** What an interrupted command may still take: whoever stops it waits, and the next run publishes as well. */
const AFTER_INTERRUPTION_MS = 5_000;

type PublishConfig = Pick<LocalConfig, 'warehouse' | 'publish'>;

/**
 * Publishes what is committed, and never fails: what a run has committed is safe without a copy of it.
 *
 * @param signal stops it. One that is aborted already, as after an interrupted run, leaves it some seconds.
 */
export async function publishAfterRun(
  config: PublishConfig,
  log: Log,
  signal: AbortSignal,
): Promise<PublishOutcome> {
  const { to } = config.publish;
  if (to === null) return { kind: 'off' };
  const within = signal.aborted ? AbortSignal.timeout(AFTER_INTERRUPTION_MS) : signal;
  const copy: CopyOf = { warehouse: config.warehouse.path, to };
  const runEndedAtMs = Date.now();
  // Before it is tried: whoever kills this process keeps nobody from knowing.
  const isOver = await noteBeingPublished(copy, runEndedAtMs);
  const startedMs = performance.now();
  collectGarbage();
  try {
    const published = await publishOf(config, to, { signal: within });
    const { path, days, completions, bytes, wholeBecause } = published;
    const elapsedMs = Math.round(performance.now() - startedMs);
    log.debug({ path, days, completions, bytes, wholeBecause, elapsedMs }, 'published');
    return { kind: 'published', published };
  } catch (error) {
    const reason = reasonOf(error, within, to);
    await noteUnpublished(copy, { runEndedAtMs, reason });
    log.warn({ publishTo: to }, `not published: ${reason}`);
    return { kind: 'failed', reason, isInterrupted: within.aborted };
  } finally {
    isOver();
  }
}

/** Of an error that is not ours the message may hold data. */
function reasonOf(error: unknown, signal: AbortSignal, to: string): string {
  if (signal.aborted) return `interrupted; the copy at ${to} (PUBLISH_TO) is left to the next run`;
  if (error instanceof TokenhouseError) return error.message;
  return `unexpected: ${error instanceof Error ? error.name : typeof error}`;
}

/** For `--json` and the queue's results, by the field names of both. */
export const publishObject = (outcome: PublishOutcome): object => ({
  publish: outcome.kind,
  publish_error: outcome.kind === 'failed' ? outcome.reason : null,
});

interface PublishRequest {
  readonly signal: AbortSignal;
  readonly whole?: boolean;
  readonly onWaiting?: (pid: number | null, path: string) => void;
  readonly onProgress?: (done: { readonly completions: number; readonly completionsTotal: number }) => void;
}

/**
 * Readers of the copy are told no more that it lacks something, or why it still does.
 *
 * @throws {TokenhouseError} when it cannot be written; see `publish`.
 */
export async function publishOf(
  { warehouse, publish: settings }: PublishConfig,
  to: string,
  request: PublishRequest,
): Promise<Published> {
  const copy: CopyOf = { warehouse: warehouse.path, to };
  const startedAtMs = Date.now();
  try {
    const published = await publish({
      ...warehouse,
      ...request,
      to,
      publishedContent: settings.content,
      spareRestMs: settings.spareMinutes === null ? null : settings.spareMinutes * 60_000,
      marts: MARTS.map((mart) => ({ ...mart, sql: statement(`marts/${mart.name}`) })),
      prices: priceParts(warehouse.pricesFile),
    });
    await forgetUnpublished(copy, startedAtMs);
    return published;
  } catch (error) {
    await explainUnpublished(copy, reasonOf(error, request.signal, to));
    throw error;
  }
}
