/** `tokenhouse worker`: the schedules and the jobs of the queue, until it is told to stop. */
import { once } from 'node:events';
import { Option } from 'commander';
import { openQueuesPatiently } from '../../../jobs/queues.ts';
import { startWorker } from '../../../jobs/worker.ts';
import { EXIT } from '../../errors.ts';
import { runSource } from '../../run/run-source.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';

interface WorkerOptions {
  readonly once?: boolean;
}

export const worker: CommandDefinition = {
  name: 'worker',
  examples: [
    ['tokenhouse worker', 'sync every source each night (SCHEDULE), sweep each week, take jobs'],
    [
      'REDIS_URL=redis://localhost:6379 tokenhouse worker',
      'the queue in Redis instead of beside the warehouse',
    ],
    ['tokenhouse worker --once', 'do what is in the queue now, then end'],
  ],
  define(command, run) {
    command
      .description(
        'Run the scheduled syncs and the jobs of the queue. Any number of workers may share a queue; one source is ' +
          'written by one run at a time. SIGTERM ends it cleanly: runs commit and go on later.',
      )
      .addOption(new Option('--once', 'end when nothing is left to do now; exit code 1 when a run failed'))
      .action(() => run((context) => start(context, command.opts<WorkerOptions>())));
  },
};

async function start(context: CommandContext, options: WorkerOptions): Promise<number> {
  const config = context.config();
  const { log, signal } = context;
  const clock = { nowMs: context.now };
  const queues = await openQueuesPatiently({
    settings: config.queue,
    warehousePath: config.warehouse.path,
    role: 'worker',
    log,
    signal,
  });
  try {
    const running = await startWorker({
      config,
      queues,
      clock,
      log,
      run: (source, request, hooks) => runSource(source, request, { ...config, log, clock, ...hooks }),
      postAlert: null,
    });
    try {
      if (options.once === true) {
        const failures = await running.drained(signal);
        return failures === 0 ? EXIT.landed : EXIT.failed;
      }
      if (!signal.aborted) await once(signal, 'abort');
      log.info({ reason: String(signal.reason) }, 'worker leaves');
      return EXIT.landed;
    } finally {
      if (!(await running.close())) process.exitCode = EXIT.failed;
    }
  } finally {
    await queues.close();
  }
}
