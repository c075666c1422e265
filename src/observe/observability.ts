/** All that a long-lived process is watched by, started together: health, metrics and traces. */
import { statSync } from 'node:fs';
import type { Tracer } from '@opentelemetry/api';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { observers, type RunObserver } from '../run/observer.ts';
import { readUnpublished } from '../warehouse/publish/unpublished.ts';
import { type HealthKeeper, keepHealth } from './health.ts';
import { createMetrics, type Metrics, type MetricsOptions, type PublishedState } from './metrics.ts';
import { startTracing } from './tracing.ts';

export interface ObservabilityOptions extends Pick<MetricsOptions, 'jobStates'> {
  readonly config: Config;
  readonly nowMs: () => number;
  readonly log: Log;
}

export interface Observability {
  /** For `RunEnvironment.observer` of each run: counts it, and looks at the warehouse when it has ended. */
  readonly observer: RunObserver;
  /** For `RunEnvironment.tracer`; null: nothing is traced. */
  readonly tracer: Tracer | null;
  readonly health: HealthKeeper;
  readonly metrics: Metrics;
  /** Sends the last spans and looks at the warehouse no more. */
  close(): Promise<void>;
}

export async function startObservability(options: ObservabilityOptions): Promise<Observability> {
  const { config, nowMs, log, ...hooks } = options;
  const { to } = config.publish;
  const tracing = await startTracing(config.tracing, log);
  const health = keepHealth({ warehouse: config.warehouse, nowMs });
  const metrics = createMetrics({
    ...hooks,
    nowMs,
    sources: config.sources,
    settleSeconds: config.sync.settleMinutes * 60,
    warehousePath: config.warehouse.path,
    health,
    ...(to === null ? {} : { published: () => publishedState(config.warehouse.path, to) }),
  });
  return {
    observer: observers(metrics.observer, health.observer),
    tracer: tracing.tracer,
    health,
    metrics,
    async close() {
      await Promise.all([health.close(), tracing.shutdown()]);
    },
  };
}

/** By the file, as another process may be the one that publishes. It gets its name when it is made, and is changed no more. */
function publishedState(warehouse: string, to: string): PublishedState {
  const found = statSync(to, { throwIfNoEntry: false });
  return {
    file: found === undefined ? null : { publishedAtMs: found.mtimeMs, bytes: found.size },
    isStale: readUnpublished({ warehouse, to }) !== null,
  };
}
