/** The server that `serve` starts: the dashboard and, where there is a queue, its board, beside metrics and probes. */
import { jobStates } from '../../jobs/pending.ts';
import type { LocalConfig } from '../config.ts';
import { startObservability } from '../observe/observability.ts';
import type { SourceSettings } from '../source/settings.ts';
import { createReader } from '../web/dashboard/reader.ts';
import { createHttpServer } from '../web/server.ts';
import type { CommandContext } from './context.ts';
import { copyCheck, pagesOf, queuesIfAny } from './pages.ts';

export interface ServeService extends AsyncDisposable {
  readonly url: string;
  readonly hasQueue: boolean;
}

/** @param sources null: they cannot be read, as without a key. */
export async function startServeService(
  context: CommandContext,
  local: LocalConfig,
  sources: readonly SourceSettings[] | null,
): Promise<ServeService> {
  const { log, now: nowMs } = context;
  await using cleanUp = new AsyncDisposableStack();
  const queues = cleanUp.use(await queuesIfAny(context, local));
  const observability = await startObservability({
    config: { ...local, sources: sources ?? [] },
    nowMs,
    log,
    ...(queues === null ? {} : { jobStates: () => jobStates(queues) }),
  });
  cleanUp.defer(() => observability.close());
  const reader = cleanUp.use(createReader({ ...local, log }));
  const server = createHttpServer({
    settings: local.web,
    metrics: observability.metrics,
    checks: [{ name: 'warehouse', check: () => observability.health.check() }, copyCheck(local)],
    plugins: pagesOf(context, { config: local, sources, reader, queues }),
    log,
  });
  cleanUp.defer(() => server.close());
  const { url } = await server.listen();
  const owned = cleanUp.move();
  return { url, hasQueue: queues !== null, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
