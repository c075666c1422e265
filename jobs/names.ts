/** Names of the queues. One prefix a warehouse: deployments that share a Redis must not take each other's jobs. */

export interface QueueNames {
  /** The runs: nightly-sync, backfill, sweep. */
  readonly runs: string;
  /** What schedules emit. Apart from the runs, so that a long backfill does not keep a tick waiting. */
  readonly ticks: string;
  readonly alerts: string;
  /** Jobs that nobody takes: the state that workers and commands share. */
  readonly records: string;
}

/** @param prefix QUEUE_NAME */
export const queueNames = (prefix: string): QueueNames => ({
  runs: `${prefix}-runs`,
  ticks: `${prefix}-ticks`,
  alerts: `${prefix}-alerts`,
  records: `${prefix}-records`,
});
