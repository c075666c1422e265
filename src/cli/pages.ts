/** The pages that `serve` and `worker --http` have beside probes and metrics: the dashboard and, where there is a queue, its board. */
import { existsSync } from 'node:fs';
import { queueBoard } from '../../jobs/board.ts';
import { openQueues, type Queues } from '../../jobs/queues.ts';
import type { LocalConfig } from '../config.ts';
import { TokenhouseError } from '../errors.ts';
import type { SourceSettings } from '../source/settings.ts';
import { readUnpublished } from '../warehouse/publish/unpublished.ts';
import { dashboardPlugin } from '../web/dashboard/dashboard.ts';
import type { DataReader } from '../web/dashboard/reader.ts';
import type { ReadyCheck } from '../web/ready.ts';
import { FOREIGN_PAGE_POLICY, type HttpPlugin } from '../web/server.ts';
import type { CommandContext } from './context.ts';

export interface PagesQuestion {
  readonly config: LocalConfig;
  /** null: they cannot be read, as without a key. */
  readonly sources: readonly SourceSettings[] | null;
  readonly reader: DataReader;
  /** null: there is none, or it cannot be reached. */
  readonly queues: Queues | null;
}

export function pagesOf(
  { log, now }: Pick<CommandContext, 'log' | 'now'>,
  { config, sources, reader, queues }: PagesQuestion,
): readonly HttpPlugin[] {
  const dashboard = dashboardPlugin({
    reader,
    configured: sources,
    settleSeconds: config.sync.settleMinutes * 60,
    budgetUsd: config.reports.budgetMonthly,
    showsText: config.web.content === 'full',
    schedule: { cron: config.jobs.syncCron, timeZone: config.jobs.timeZone },
    nowMs: now,
    log,
  });
  if (queues === null) return [dashboard];
  return [dashboard, { ...queueBoard(queues), contentSecurityPolicy: FOREIGN_PAGE_POLICY }];
}

/** A copy that lacks a run is told of; who reads it is served all the same, so nothing is out of service for it. */
export const copyCheck = ({
  warehouse,
  publish,
}: Pick<LocalConfig, 'warehouse' | 'publish'>): ReadyCheck => ({
  name: 'published',
  isAdvice: true,
  check() {
    if (publish.to === null) return null;
    const unpublished = readUnpublished({ warehouse: warehouse.path, to: publish.to });
    if (unpublished === null) return null;
    const reason = unpublished.reason ?? 'it was interrupted';
    return `the copy lacks the last run: ${reason.replace(/\.$/, '')}; \`tokenhouse publish\` makes it`;
  },
});

/** The queue for a server that does without where there is none: only a worker makes an embedded one. */
export async function queuesIfAny(context: CommandContext, config: LocalConfig): Promise<Queues | null> {
  const { queue, warehouse } = config;
  const isSet = queue.redisUrl !== null || queue.postgresUrl !== null;
  if (!isSet && !existsSync(`${warehouse.path}.queue`)) return null;
  const { log, signal } = context;
  try {
    return await openQueues({ settings: queue, warehousePath: warehouse.path, role: 'worker', log, signal });
  } catch (error) {
    if (!(error instanceof TokenhouseError)) throw error;
    log.warn({ err: error }, 'the queue cannot be reached: /queues is left out until the next start');
    return null;
  }
}
