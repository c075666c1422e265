/** `tokenhouse schedule`: what runs when, and how to change it while workers run. */
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { addRun } from '../../../jobs/add-run.ts';
import type { ScheduledJobName } from '../../../jobs/payloads.ts';
import type { Queues } from '../../../jobs/queues.ts';
import {
  nextRunMs,
  overrideSchedule,
  reconcile,
  resetSchedule,
  type Schedule,
  scheduleId,
  wantedSchedules,
} from '../../../jobs/schedules.ts';
import { runOf } from '../../../jobs/tick.ts';
import { livingWorkers } from '../../../jobs/worker-record.ts';
import { cron as cronField, timeZone as timeZoneField } from '../../config/fields.ts';
import type { Config } from '../../config.ts';
import { EXIT, SettingsError } from '../../errors.ts';
import { suggesting } from '../completion/suggestions.ts';
import type { CommandContext, CommandDefinition, RunCommand } from '../context.ts';
import { write, writeJson } from '../output.ts';
import { openQueuesOf } from '../queue-options.ts';
import { chosenSources } from '../run-options.ts';
import { renderTable } from '../table.ts';

const JOBS = ['nightly-sync', 'sweep'] as const satisfies readonly ScheduledJobName[];

interface ScheduleOptions {
  readonly source?: readonly string[];
  readonly cron?: string;
  readonly tz?: string;
}

export const schedule: CommandDefinition = {
  name: 'schedule',
  examples: [
    ['tokenhouse schedule list', 'what runs when, and whether a worker is there to do it'],
    ['tokenhouse schedule set nightly-sync --cron "30 1 * * *" --source prod', 'another hour for one source'],
    ['tokenhouse schedule set nightly-sync', 'back to what the settings say (SCHEDULE)'],
    ['tokenhouse schedule remove sweep', 'no sweeps by themselves'],
    ['tokenhouse schedule run-now nightly-sync', 'one now, as the schedule would make it'],
  ],
  define(command, run) {
    command.description(
      'Show and change what the worker runs by itself. The settings (SCHEDULE, SWEEP_SCHEDULE, SCHEDULE_TZ) say what; a ' +
        'change made here is kept in the queue and wins over them until it is taken back.',
    );
    addList(command, run);
    addSet(command, run);
    const more = [
      ['remove', 'Let the job not run by itself any more.', remove],
      ['run-now', 'Put one run into the queue now.', runNow],
    ] as const;
    for (const [name, description, work] of more) {
      const sub = jobCommand(command, name, description);
      sub.action((job: ScheduledJobName) =>
        run((context) => withQueues(context, sub.opts(), (question) => work({ ...question, job }))),
      );
    }
  },
};

interface Question {
  readonly context: CommandContext;
  readonly config: Config;
  readonly queues: Queues;
  /** Of the chosen sources. */
  readonly sources: readonly string[];
}

async function withQueues(
  context: CommandContext,
  options: ScheduleOptions,
  work: (question: Question) => Promise<void>,
): Promise<number> {
  const config = context.config();
  const sources = chosenSources(config, options).map(({ name }) => name);
  await using queues = await openQueuesOf(context, config);
  await work({ context, config, queues, sources });
  return EXIT.landed;
}

function jobCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .addArgument(suggesting(new Argument('<job>', `${JOBS.join(' or ')}`).argParser(jobName), JOBS))
    .addOption(sourceOption());
}

const sourceOption = (): Option => new Option('--source <name...>', 'of these sources only');

function addList(command: Command, run: RunCommand): void {
  const list = command.command('list').description('Show every schedule.').addOption(sourceOption());
  list.action(() => run((context) => withQueues(context, list.opts(), tell)));
}

function addSet(command: Command, run: RunCommand): void {
  const set = jobCommand(command, 'set', 'Set when the job runs; without --cron, back to the settings.')
    .addOption(new Option('--cron <cron>', 'five fields: minute, hour, day, month, weekday'))
    .addOption(new Option('--tz <zone>', 'time zone, such as Europe/Berlin (SCHEDULE_TZ)'));
  set.action((job: ScheduledJobName) =>
    run(async (context) => {
      const options = set.opts<ScheduleOptions>();
      const override = overrideOf(options, context.config());
      return withQueues(context, options, (question) => change({ ...question, job }, override));
    }),
  );
}

/** null: back to the settings. */
type Override = Pick<Schedule, 'cron' | 'timeZone'> | null;

/** @throws {SettingsError} for cron or a time zone that there is not. */
function overrideOf({ cron, tz }: ScheduleOptions, config: Config): Override {
  if (cron === undefined) {
    if (tz !== undefined) throw new SettingsError('--tz needs --cron beside it');
    return null;
  }
  return {
    cron: parsed('--cron', cron, cronField),
    timeZone: parsed('--tz', tz ?? config.jobs.timeZone, timeZoneField),
  };
}

async function change(question: Question & { job: ScheduledJobName }, override: Override): Promise<void> {
  const { queues, sources, job } = question;
  for (const source of sources) {
    await (override === null
      ? resetSchedule(queues.records, { job, source })
      : overrideSchedule(queues.records, { job, source, ...override }));
  }
  await apply(question);
}

async function remove(question: Question & { job: ScheduledJobName }): Promise<void> {
  const { queues, sources, config, job } = question;
  for (const source of sources) {
    await overrideSchedule(queues.records, { job, source, cron: null, timeZone: config.jobs.timeZone });
  }
  await apply(question);
}

async function runNow({
  context,
  queues,
  sources,
  config,
  job,
}: Question & { job: ScheduledJobName }): Promise<void> {
  const added = [];
  for (const source of sources) {
    added.push({ source, ...(await addRun(queues.runs, runOf({ job, source }, config.jobs))) });
  }
  const workers = await livingWorkers(queues.records, context.now());
  if (context.json) {
    const jobs = added.map(({ source, id, isNew }) => ({ source, job_id: id, added: isNew }));
    await writeJson(context.stdout, { jobs, workers: workers.length });
    return;
  }
  for (const { source, id, isNew } of added) {
    await write(context.stdout, `${source}: job ${id}${isNew ? '' : ', which waits or runs already'}\n`);
  }
  if (workers.length === 0) context.note(NO_WORKER);
}

export const NO_WORKER = 'no worker is there to take it: start one with `tokenhouse worker`';

/** All sources, not the chosen ones alone: the others' schedulers are not to go. */
async function apply(question: Question): Promise<void> {
  const { config, queues } = question;
  const names = config.sources.map(({ name }) => name);
  await reconcile(queues.ticks, await wantedSchedules(names, config.jobs, queues.records));
  await tell(question);
}

async function tell({ context, config, queues, sources }: Question): Promise<void> {
  const schedules = await wantedSchedules(sources, config.jobs, queues.records);
  const schedulers = new Set((await queues.ticks.getJobSchedulers()).map(({ key }) => key));
  const workers = await livingWorkers(queues.records, context.now());
  const rows = schedules.map((one) => rowOf(one, schedulers, context.now()));
  if (context.json) {
    await writeJson(context.stdout, { queue: queues.backend.label, workers, schedules: rows });
    return;
  }
  const columns = ['job', 'source', 'cron', 'time_zone', 'next_run_at', 'origin'].map((key) => ({ key }));
  const shown = rows.map((row) => ({
    ...row,
    source: row.source ?? '',
    cron: row.cron ?? 'off',
    next_run_at: row.next_run_at ?? '',
  }));
  const style = { lines: context.isTty, color: context.color };
  await write(context.stdout, renderTable(columns, shown, style));
  const who =
    workers.length === 0
      ? 'no worker is running: `tokenhouse worker` starts one'
      : `${workers.length} ${workers.length === 1 ? 'worker' : 'workers'}: ${workers.map(({ host, pid }) => `${host} pid ${pid}`).join(', ')}`;
  await write(context.stdout, `queue: ${queues.backend.label}; ${who}\n`);
}

function rowOf(one: Schedule, schedulers: ReadonlySet<string>, nowMs: number) {
  const next = nextRunMs(one, nowMs);
  return {
    job: one.job,
    source: one.source,
    cron: one.cron,
    time_zone: one.timeZone,
    next_run_at: next === null ? null : new Date(next).toISOString().replace('.000', ''),
    origin: one.origin,
    /** False until the first worker, or a change made here, has put it into the queue. */
    in_queue: schedulers.has(scheduleId(one)),
  };
}

function jobName(text: string): ScheduledJobName {
  const found = JOBS.find((job) => job === text);
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${JOBS.join(', ')}.`);
  return found;
}

function parsed(flag: string, text: string, field: typeof cronField): string {
  const result = field.safeParse(text);
  if (result.success) return result.data;
  throw new SettingsError(`${flag} ${result.error.issues[0]?.message}`);
}
