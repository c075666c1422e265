/** `tokenhouse jobs`: what is in the queue, and how to try it again or take it out. */
import { Option } from 'commander';
import {
  cancelJob,
  type JobState,
  type JobView,
  listJobs,
  retryJob,
  showJob,
} from '../../../jobs/inspect.ts';
import type { Queues } from '../../../jobs/queues.ts';
import { EXIT } from '../../errors.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { wholeNumber } from '../options.ts';
import { write, writeJson } from '../output.ts';
import { durationText, grouped } from '../progress.ts';
import { openQueuesOf } from '../queue-options.ts';
import { renderTable } from '../table.ts';

const STATES = ['active', 'waiting', 'delayed', 'completed', 'failed'] as const satisfies readonly JobState[];

export const jobs: CommandDefinition = {
  name: 'jobs',
  examples: [
    ['tokenhouse jobs list', 'runs at work, waiting and lately ended'],
    ['tokenhouse jobs list --state failed --json', 'failed ones, for a script'],
    ['tokenhouse jobs show 12', 'one job with its log'],
    ['tokenhouse jobs retry 12', 'a failed one once more'],
    ['tokenhouse jobs cancel 13', 'out of the queue, or stopped; what was read is kept'],
  ],
  define(command, run) {
    command.description('Show and change the runs in the queue.');
    const withQueues = (work: (context: CommandContext, queues: Queues) => Promise<void>) =>
      run(async (context) => {
        await using queues = await openQueuesOf(context, context.localConfig());
        await work(context, queues);
        return EXIT.landed;
      });
    const list = command
      .command('list')
      .description('Show the runs in the queue, the newest first.')
      .addOption(new Option('--state <state...>', 'in these states only').choices(STATES))
      .addOption(new Option('--limit <n>', 'of each state').default(20).argParser(wholeNumber(1, 1_000)));
    list.action(() => {
      const { state, limit } = list.opts<{ state?: readonly JobState[]; limit: number }>();
      return withQueues(async (context, queues) => {
        await tell(context, await listJobs(queues, state ?? STATES, limit));
      });
    });
    command
      .command('show')
      .description('Show one run with its log.')
      .argument('<id>', 'of the job')
      .action((id: string) =>
        withQueues(async (context, queues) => {
          await tellOne(context, await showJob(queues, id));
        }),
      );
    command
      .command('retry')
      .description('Put a failed run back into the queue.')
      .argument('<id>', 'of the job')
      .action((id: string) =>
        withQueues(async (context, queues) => {
          await tellChange(context, id, await retryJob(queues, id));
        }),
      );
    command
      .command('cancel')
      .description('Take a run out of the queue; one at work is asked to stop, and keeps what it read.')
      .argument('<id>', 'of the job')
      .action((id: string) =>
        withQueues(async (context, queues) => {
          await tellChange(context, id, await cancelJob(queues, id));
        }),
      );
  },
};

async function tellChange(context: CommandContext, id: string, outcome: string): Promise<void> {
  if (context.json) await writeJson(context.stdout, { job_id: id, outcome });
  else await write(context.stdout, `job ${id} ${outcome}\n`);
}

async function tell(context: CommandContext, views: readonly JobView[]): Promise<void> {
  if (context.json) {
    await writeJson(context.stdout, views.map(objectOf));
    return;
  }
  const columns = ['id', 'job', 'source', 'state', 'tries', 'since', 'took', 'what'].map((key) => ({ key }));
  const style = { lines: context.isTty, color: context.color };
  await write(
    context.stdout,
    renderTable(
      columns,
      views.map((view) => rowOf(view)),
      style,
    ),
  );
}

async function tellOne(
  context: CommandContext,
  view: JobView & { readonly log: readonly string[] },
): Promise<void> {
  if (context.json) {
    await writeJson(context.stdout, { ...objectOf(view), log: view.log });
    return;
  }
  const fields = Object.entries(objectOf(view)).map(
    ([name, value]) => `${name.padEnd(14)} ${typeof value === 'object' ? JSON.stringify(value) : value}`,
  );
  await write(context.stdout, `${[...fields, ...view.log.map((line) => `  ${line}`)].join('\n')}\n`);
}

function objectOf(view: JobView) {
  return {
    job_id: view.id,
    job: view.name,
    source: view.source,
    state: view.state,
    data: view.data,
    attempts_made: view.attemptsMade,
    attempts_max: view.attemptsMax,
    added_at: isoOf(view.addedMs),
    started_at: isoOf(view.startedMs),
    finished_at: isoOf(view.finishedMs),
    due_at: isoOf(view.dueMs),
    progress: view.progress,
    result: view.result,
    failed_reason: view.failedReason,
    process_gone: view.isProcessGone,
  };
}

const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

function rowOf(view: JobView) {
  const { startedMs, finishedMs, addedMs } = view;
  const took =
    startedMs === null || finishedMs === null
      ? ''
      : durationText(Math.round((finishedMs - startedMs) / 1000));
  return {
    id: view.id,
    job: view.name,
    source: view.source,
    state: view.state,
    tries: `${view.attemptsMade}/${view.attemptsMax}`,
    since: new Date(finishedMs ?? startedMs ?? addedMs).toISOString().replace('T', ' ').replace(/\.\d+/, ''),
    took,
    what: whatOf(view),
  };
}

function whatOf({ state, progress, result, failedReason, dueMs, isProcessGone }: JobView): string {
  if (isProcessGone) return 'interrupted, process gone; the next worker goes on with it';
  if (state === 'failed') return failedReason ?? '';
  if (state === 'delayed') return `${failedReason ?? 'goes on'}; again at ${isoOf(dueMs) ?? '?'}`;
  if (state === 'active' && progress !== null) {
    if (progress.isWaiting) return 'waits for its turn';
    const left = progress.secondsLeft === null ? '' : `, ${durationText(progress.secondsLeft)} left`;
    return `${grouped(progress.rows)} rows, ${progress.percent}%${left}`;
  }
  const inserted = result?.['rows_inserted'];
  if (typeof inserted !== 'number') return '';
  const unpublished = result?.['publish'] === 'failed' ? ', not published' : '';
  return `${String(result?.['status'])}, ${grouped(inserted)} new${unpublished}`;
}
