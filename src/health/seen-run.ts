/** A run as it is told of: one that never ended, by a process that is gone, is told as such at once and not by the next run. */
import type { RunState } from '../warehouse/read/read-state.ts';

export interface SeenRun extends RunState {
  /** It was interrupted: its process is gone. What it committed is kept, and the next run goes on. */
  readonly isProcessGone: boolean;
}

/**
 * @param isOpened the warehouse itself was opened, by nobody who writes: the engine's lock is the process's, so none is left that
 * could be at a run, on this machine or another. Of a copy that cannot be told.
 */
export const seenRun = (run: RunState, isOpened: boolean): SeenRun => ({
  ...run,
  isProcessGone: isOpened && run.status === 'running',
});

/** For scripts by the name that the next run writes down for it. */
export const statusOfRun = ({ status, isProcessGone }: SeenRun): RunState['status'] =>
  isProcessGone ? 'abandoned' : status;
