/**
 * Which job runs when, for each source: by the settings, unless `tokenhouse schedule` said otherwise. The queue's own schedulers
 * are made to agree with that at every start and every minute, as a queue may lose them without a word.
 */
import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import { cron, timeZone } from '../src/config/fields.ts';
import type { JobSettings } from '../src/config.ts';
import { IMPORT_PRICES, SCHEDULED_JOB_NAMES, type ScheduledJobName, type TickPayload } from './payloads.ts';
import type { TickQueue } from './queues.ts';
import type { Records } from './records.ts';

export interface Schedule {
  readonly job: ScheduledJobName | typeof IMPORT_PRICES;
  /** null: the job is of none. */
  readonly source: string | null;
  /** null: never by itself. */
  readonly cron: string | null;
  readonly timeZone: string;
  /** `command`: set or removed by `tokenhouse schedule`. */
  readonly origin: 'settings' | 'command';
}

export const scheduleId = ({ job, source }: Pick<Schedule, 'job' | 'source'>): string =>
  source === null ? job : `${job}.${source}`;

const RECORD_PREFIX = 'schedule.';
const overrideShape = z.object({ cron: cron.nullable(), timeZone });

/** Of each source both jobs, those that never run by themselves included; and the import of prices, where there is a list. */
export async function wantedSchedules(
  sources: readonly string[],
  settings: JobSettings,
  records: Records,
): Promise<readonly Schedule[]> {
  const overrides = new Map((await records.list(RECORD_PREFIX)).map(({ id, data }) => [id, data]));
  const ofSources = sources.flatMap((source) =>
    SCHEDULED_JOB_NAMES.map((job): Schedule => {
      const override = overrideShape.safeParse(overrides.get(RECORD_PREFIX + scheduleId({ job, source })));
      if (override.success) return { job, source, ...override.data, origin: 'command' };
      const bySettings = job === 'nightly-sync' ? settings.syncCron : settings.sweepCron;
      return { job, source, cron: bySettings, timeZone: settings.timeZone, origin: 'settings' };
    }),
  );
  const { pricesCron, timeZone } = settings;
  if (pricesCron === null) return ofSources;
  return [...ofSources, { job: IMPORT_PRICES, source: null, cron: pricesCron, timeZone, origin: 'settings' }];
}

/**
 * When the sync of a source is due by itself.
 *
 * @param known null: the queue was not reached yet, so by the settings.
 * @returns null: never.
 */
export function syncScheduleOf(
  source: string,
  known: readonly Schedule[] | null,
  settings: JobSettings,
): { readonly cron: string; readonly timeZone: string } | null {
  const found = known?.find((one) => one.source === source && one.job === 'nightly-sync');
  const { cron, timeZone } = found ?? { cron: settings.syncCron, timeZone: settings.timeZone };
  return cron === null ? null : { cron, timeZone };
}

/** From now on this, whatever the settings say. @param schedule with `cron` null: never by itself. */
export async function overrideSchedule(records: Records, schedule: Omit<Schedule, 'origin'>): Promise<void> {
  const { cron, timeZone } = schedule;
  await records.put(RECORD_PREFIX + scheduleId(schedule), { cron, timeZone });
}

/** Back to the settings. */
export async function resetSchedule(
  records: Records,
  schedule: Pick<Schedule, 'job' | 'source'>,
): Promise<void> {
  await records.remove(RECORD_PREFIX + scheduleId(schedule));
}

export interface Reconciled {
  /** Ids of schedulers. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Makes the queue's schedulers what is wanted. One that is right is not touched: upserting it again would move its next tick, and
 * BullMQ is known to lose ticks of a scheduler that is removed and made again at once.
 */
export async function reconcile(ticks: TickQueue, wanted: readonly Schedule[]): Promise<Reconciled> {
  const held = new Map((await ticks.getJobSchedulers()).map((scheduler) => [scheduler.key, scheduler]));
  const added: string[] = [];
  const changed: string[] = [];
  const removed: string[] = [];
  for (const schedule of wanted) {
    if (schedule.cron === null) continue;
    const id = scheduleId(schedule);
    const known = held.get(id);
    held.delete(id);
    if (known?.pattern === schedule.cron && known.tz === schedule.timeZone) continue;
    await upsert(ticks, schedule, schedule.cron);
    (known === undefined ? added : changed).push(id);
  }
  for (const id of held.keys()) {
    await ticks.removeJobScheduler(id);
    removed.push(id);
  }
  return { added, changed, removed };
}

async function upsert(ticks: TickQueue, schedule: Schedule, pattern: string): Promise<void> {
  const { timeZone } = schedule;
  await ticks.upsertJobScheduler(
    scheduleId(schedule) as 'tick',
    // Never `immediately`: that would run at every start of a worker.
    { pattern, tz: timeZone },
    {
      name: 'tick',
      data: payloadOf(schedule),
      opts: { removeOnComplete: { count: 200 }, removeOnFail: { count: 200 }, attempts: 5, backoff: 1_000 },
    },
  );
}

const payloadOf = ({ job, source }: Schedule): TickPayload =>
  job === IMPORT_PRICES ? { job } : { job, source: String(source) };

/** @returns milliseconds since 1970; null: never. */
export function nextRunMs(
  { cron, timeZone }: Pick<Schedule, 'cron' | 'timeZone'>,
  nowMs: number,
): number | null {
  if (cron === null) return null;
  return CronExpressionParser.parse(cron, { currentDate: new Date(nowMs), tz: timeZone })
    .next()
    .getTime();
}
