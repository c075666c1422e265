/** The published copy, brought up to date after a run. The command line and the queue's jobs both call this. */
import { priceParts } from '../analytics/price-parts.ts';
import type { LocalConfig } from '../config.ts';
import { TokenhouseError } from '../errors.ts';
import type { Log } from '../log.ts';
import { statement } from '../warehouse/engine/statements.ts';
import { MARTS } from '../warehouse/marts.ts';
import { type Published, publish } from '../warehouse/publish/publish.ts';
import { collectGarbage } from './collect-garbage.ts';

/**
 * - `off`: PUBLISH_TO=none.
 * - `failed`: the old copy stays, and the next run tries again; a warning was logged.
 */
export type PublishOutcome =
  | { readonly kind: 'off' }
  | { readonly kind: 'published'; readonly published: Published }
  | { readonly kind: 'failed'; readonly reason: string };

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
  if (config.publish.to === null) return { kind: 'off' };
  const within = signal.aborted ? AbortSignal.timeout(AFTER_INTERRUPTION_MS) : signal;
  const startedMs = performance.now();
  collectGarbage();
  try {
    const published = await publishOf(config, config.publish.to, { signal: within });
    const { path, days, completions, bytes, wholeBecause } = published;
    const elapsedMs = Math.round(performance.now() - startedMs);
    log.debug({ path, days, completions, bytes, wholeBecause, elapsedMs }, 'published');
    return { kind: 'published', published };
  } catch (error) {
    const reason = within.aborted
      ? `interrupted; the copy at ${config.publish.to} (PUBLISH_TO) is left to the next run`
      : error instanceof TokenhouseError
        ? error.message
        : `unexpected: ${error instanceof Error ? error.name : typeof error}`;
    log.warn({ publishTo: config.publish.to }, `not published: ${reason}`);
    return { kind: 'failed', reason };
  }
}

interface PublishRequest {
  readonly signal: AbortSignal;
  readonly whole?: boolean;
  readonly onWaiting?: (pid: number | null, path: string) => void;
  readonly onProgress?: (done: { readonly completions: number; readonly completionsTotal: number }) => void;
}

/** @throws {TokenhouseError} when it cannot be written; see `publish`. */
export const publishOf = async (
  { warehouse, publish: settings }: PublishConfig,
  to: string,
  request: PublishRequest,
): Promise<Published> =>
  publish({
    ...warehouse,
    ...request,
    to,
    publishedContent: settings.content,
    spareRestMs: settings.spareMinutes === null ? null : settings.spareMinutes * 60_000,
    marts: MARTS.map((mart) => ({ ...mart, sql: statement(`marts/${mart.name}`) })),
    prices: priceParts(warehouse.pricesFile),
  });
