/** What the commands that look at the queue share. */
import type { Queues } from '../../jobs/queues.ts';
import type { LocalConfig } from '../config.ts';
import type { CommandContext } from './context.ts';

/** The queue for a command: what cannot be reached fails at once. */
export async function openQueuesOf(context: CommandContext, config: LocalConfig): Promise<Queues> {
  // BullMQ takes 0.2 s to load, which commands that need no queue should not wait for.
  const { openQueues } = await import('../../jobs/queues.ts');
  return openQueues({
    settings: config.queue,
    warehousePath: config.warehouse.path,
    role: 'command',
    log: context.log,
    signal: context.signal,
  });
}
