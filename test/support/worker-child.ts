/** A worker as `tokenhouse worker` has it, but for its patience: what waits half a minute there waits a second or two here. */
import { openQueuesPatiently } from '../../jobs/queues.ts';
import { startWorker } from '../../jobs/worker.ts';
import { abortOnSignals } from '../../src/cli/signals.ts';
import { loadConfig, processEnvironment } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { runSource } from '../../src/run/run-source.ts';

const config = loadConfig(processEnvironment());
const log = createLog({ ...config.log, level: 'debug', format: 'json' }, process.stderr, false);
const { signal } = abortOnSignals(
  process,
  (code) => process.exit(code),
  () => performance.now(),
);
const clock = { nowMs: Date.now };
const queues = await openQueuesPatiently({
  settings: config.queue,
  warehousePath: config.warehouse.path,
  role: 'worker',
  log,
  signal,
});
const worker = await startWorker({
  config,
  queues,
  clock,
  log,
  run: (source, request, hooks) => runSource(source, request, { ...config, log, clock, ...hooks }),
  postAlert: null,
  timing: {
    lookMs: 200,
    makeWayMs: 300,
    busyMs: 300,
    reconcileMs: 1_000,
    lockMs: Number(process.env['TEST_LOCK_MS'] ?? 2_000),
  },
});
process.stdout.write('ready\n');
signal.addEventListener('abort', async () => {
  await worker.close();
  await queues.close();
  process.exit(0);
});
