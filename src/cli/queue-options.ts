/** What the commands that look at the queue share. */
import { openQueues, type Queues } from '../../jobs/queues.ts';
import type { LocalConfig } from '../config.ts';
import type { CommandContext } from './context.ts';

/** The queue for a command: what cannot be reached fails at once. */
export function openQueuesOf(context: CommandContext, config: LocalConfig): Promise<Queues> {
  return openQueues({
    settings: config.queue,
    warehousePath: config.warehouse.path,
    role: 'command',
    log: context.log,
    signal: context.signal,
  });
}
