/** `tokenhouse worker`: the schedules and the jobs of the queue, until it is told to stop. */
import { once } from 'node:events';
import { Option } from 'commander';
import { EXIT } from '../../errors.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { wholeNumber } from '../options.ts';

interface WorkerOptions {
  readonly once?: boolean;
  readonly http?: boolean;
  readonly port?: number;
  readonly host?: string;
}

export const worker: CommandDefinition = {
  name: 'worker',
  examples: [
    ['tokenhouse worker', 'sync every source each night (SCHEDULE), sweep each week, take jobs'],
    [
      'REDIS_URL=redis://localhost:6379 tokenhouse worker',
      'the queue in Redis instead of beside the warehouse',
    ],
    [
      'tokenhouse worker --http',
      'seen at http://127.0.0.1:8484: the dashboard, /queues, /metrics, /healthz and /readyz',
    ],
    ['tokenhouse worker --once', 'do what is in the queue now, then end'],
  ],
  define(command, run) {
    command
      .description(
        'Run the scheduled syncs and the jobs of the queue. Any number of workers may share a queue; one source is ' +
          'written by one run at a time. SIGTERM ends it cleanly: runs commit and go on later.',
      )
      .addOption(
        new Option(
          '--once',
          'end when nothing is left to do now; exit code 1 when a run failed, 4 when its copy could not be made',
        ),
      )
      .addOption(
        new Option(
          '--http',
          'what `serve` has, of this worker: the dashboard, /queues, /metrics, /healthz, /readyz',
        ),
      )
      .addOption(new Option('--port <n>', 'HTTP_PORT; 0 for a free one').argParser(wholeNumber(0, 65_535)))
      .addOption(new Option('--host <address>', 'HTTP_HOST'))
      .action(() => run((context) => start(context, command.opts<WorkerOptions>())));
  },
};

async function start(context: CommandContext, options: WorkerOptions): Promise<number> {
  const { log, signal } = context;
  const flags = {
    ...(options.port === undefined ? {} : { HTTP_PORT: String(options.port) }),
    ...(options.host === undefined ? {} : { HTTP_HOST: options.host }),
  };
  const config = context.config(flags);
  // What few commands need and all would wait for: 0.3 s of loading.
  const { startWorkerService } = await import('../worker-service.ts');
  const service = await startWorkerService(context, config, { http: options.http === true });
  let isClean = true;
  try {
    if (options.once === true) {
      const failures = await service.worker.drained(signal);
      if (failures > 0) return EXIT.failed;
      return service.isUnpublished ? EXIT.unpublished : EXIT.landed;
    }
    if (!signal.aborted) await once(signal, 'abort');
    log.info({ reason: String(signal.reason) }, 'worker leaves');
  } finally {
    isClean = await service.close();
  }
  return isClean ? EXIT.landed : EXIT.failed;
}
