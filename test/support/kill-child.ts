/**
 * A child process that syncs and kills itself inside a commit: node kill-child.ts <order as JSON>. The command line has no hook
 * into a commit's statements.
 */
import { type DirectSync, syncDirectly } from './direct-sync.ts';

export interface KillOrder
  extends Pick<DirectSync, 'baseUrl' | 'path' | 'nowSeconds' | 'pageSize' | 'batchRows'> {
  /** Step of a commit, as the warehouse's `onStep` names it. */
  readonly step: string;
  /** The how many-th time it comes. */
  readonly nth: number;
}

const order = JSON.parse(process.argv[2] ?? '{}') as KillOrder;
let left = order.nth;
await syncDirectly({
  ...order,
  onStep: (step) => {
    if (step !== order.step) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
