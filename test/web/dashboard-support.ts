/** A dashboard that listens, and what is to be shown on it. */
import { onTestFinished } from 'vitest';
import { createLog } from '../../src/log.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import { dashboardPlugin } from '../../src/web/dashboard/dashboard.ts';
import { createReader } from '../../src/web/dashboard/reader.ts';
import { createHttpServer } from '../../src/web/server.ts';
import { TextSink } from '../support/streams.ts';
import { batch, completion, observe, range, startRun, T0 } from '../warehouse/support.ts';

export const TOKEN = 'a-token-of-a-test-0123456789';
/** Would run, or load a picture, wherever it is taken for markup. */
export const CANARY = `"><img src=x onerror="canary=1"><script>canary=1</script>'</title></svg>&lt;`;

export interface Serving {
  readonly nowMs?: () => number;
  readonly token?: string;
  readonly publishTo?: string | null;
  readonly budgetUsd?: number;
  readonly showsText?: boolean;
  readonly pricesFile?: string;
}

/** @returns where it is, such as `http://127.0.0.1:40001`. */
export async function served(path: string, options: Serving = {}): Promise<string> {
  const log = createLog({ level: 'silent', format: 'json', color: false }, new TextSink(), false);
  const nowMs = options.nowMs ?? Date.now;
  const reader = createReader({
    warehouse: {
      path,
      memoryLimit: '256MB',
      content: 'full',
      waitSeconds: 0,
      pricesFile: options.pricesFile ?? null,
    },
    publish: {
      to: options.publishTo ?? path.replace(/\.duckdb$/, '.published.duckdb'),
      content: 'none',
      spareMinutes: null,
    },
    log,
  });
  const server = createHttpServer({
    settings: { host: '127.0.0.1', port: 0, token: options.token ?? null },
    metrics: { contentType: 'text/plain', text: async () => '' },
    checks: [],
    plugins: [
      dashboardPlugin({
        reader,
        configured: null,
        settleSeconds: 1_800,
        budgetUsd: options.budgetUsd ?? null,
        showsText: options.showsText ?? false,
        schedule: { cron: '17 2 * * *', timeZone: 'UTC' },
        nowMs,
        log,
      }),
    ],
    log,
  });
  onTestFinished(async () => {
    await server.close();
    await reader.close();
  });
  return (await server.listen()).url;
}

/** Completions whose model, metadata keys and values are the canary, or a formula. */
export async function loadHostile(path: string): Promise<void> {
  await using warehouse = await openWarehouse({ path, content: 'full', waitSeconds: 0 });
  const runId = await startRun(warehouse);
  const items = Array.from({ length: 6 }, (_, index) =>
    observe(
      completion(`chatcmpl-${index}`, T0 + index, {
        model: CANARY,
        service_tier: CANARY.slice(0, 60),
        metadata: { [CANARY]: CANARY, formula: "=cmd|' /C calc'!A0", ['__proto__']: 'x' },
      }),
    ),
  );
  await warehouse.load(batch(runId, { items, covered: [range(T0 - 86_400, T0 + 100)] }));
}
