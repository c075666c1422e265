/** What jobs carry: names, times and choices, never a key. Read from the queue it is unknown data, checked before it is used. */
import { z } from 'zod';
import { TerminalError } from '../src/errors.ts';

/** Unix seconds up to the year 9999. */
const second = z.number().int().min(0).max(253_402_300_799);
const source = z.string().regex(/^[a-z][a-z0-9_]*$/);

/** What the worker notes down in a job that is to go on later. */
const carried = {
  /** All from this second up is read already: of a job that reads covered seconds again and made way for another. */
  resumeBelow: second.optional(),
  /** `tokenhouse jobs cancel` asks the worker that has it to stop. */
  isCancelled: z.boolean().optional(),
};

export const RUN_PAYLOADS = {
  'nightly-sync': z.strictObject({ source, ...carried }),
  backfill: z.strictObject({
    source,
    since: second,
    /** null: up to when the job runs. */
    until: second.nullable(),
    reread: z.boolean(),
    withMessages: z.boolean(),
    ...carried,
  }),
  sweep: z.strictObject({ source, days: z.number().int().min(1).max(36_500), ...carried }),
} as const;

export type RunJobName = keyof typeof RUN_PAYLOADS;
export type RunPayload<N extends RunJobName = RunJobName> = z.infer<(typeof RUN_PAYLOADS)[N]>;

/** Jobs that a schedule makes. */
export type ScheduledJobName = Exclude<RunJobName, 'backfill'>;
export const SCHEDULED_JOB_NAMES: readonly ScheduledJobName[] = ['nightly-sync', 'sweep'];

const RUN_TICK = z.strictObject({ job: z.enum(['nightly-sync', 'sweep']), source });
/** It becomes a run, unless the same run waits or runs already. */
export type RunTick = z.infer<typeof RUN_TICK>;

/** Of no source, and over within a minute: it is done in the tick itself. */
export const IMPORT_PRICES = 'import-prices';
const IMPORT_TICK = z.strictObject({ job: z.literal(IMPORT_PRICES) });

/** What a schedule emits on time. */
export const TICK_PAYLOAD = z.union([RUN_TICK, IMPORT_TICK]);
export type TickPayload = z.infer<typeof TICK_PAYLOAD>;

export interface RunJob<N extends RunJobName = RunJobName> {
  readonly name: N;
  readonly data: RunPayload<N>;
}

/** @throws {TerminalError} for a job of another program or a newer version. */
export function readRunJob(name: string, data: unknown): RunJob {
  if (!isRunJobName(name))
    throw new TerminalError(`there is no job called ${name}; is a newer version at work?`);
  const parsed = RUN_PAYLOADS[name].safeParse(data);
  if (parsed.success) return { name, data: parsed.data };
  const where = parsed.error.issues[0]?.path.join('.') || 'its data';
  throw new TerminalError(
    `the job's data is not as ${name} has it (${where}): remove the job, or update this worker`,
  );
}

const isRunJobName = (name: string): name is RunJobName => Object.hasOwn(RUN_PAYLOADS, name);

/**
 * Two jobs of one id are one: a second is not added while the first waits or runs.
 * A backfill of another stretch is another job; that the two do not write at once is the lease's to see to.
 */
export function deduplicationId({ name, data }: RunJob): string {
  const stretch =
    'since' in data
      ? [
          data.since,
          data.until ?? 'now',
          ...(data.reread ? ['reread'] : []),
          ...(data.withMessages ? ['messages'] : []),
        ]
      : [];
  return [name, data.source, ...stretch].join('.');
}
