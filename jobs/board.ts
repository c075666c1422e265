/** Bull Board: the queues as a page. To look at only: what changes a job asks for the command line, which no other site can send for. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyPluginCallback } from 'fastify';
import type { Queues } from './queues.ts';

const BOARD_PREFIX = '/queues';

export interface Board {
  readonly prefix: string;
  readonly routes: FastifyPluginCallback;
}

export function queueBoard({ runs, ticks, alerts }: Queues): Board {
  const serverAdapter = new FastifyAdapter().setBasePath(BOARD_PREFIX);
  const adapters = [runs, ticks, alerts].map(
    // Its type is of any queue, and ours name their jobs.
    (queue) => new BullMQAdapter(queue as never, { readOnlyMode: true }),
  );
  createBullBoard({
    queues: adapters,
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Tokenhouse', hideRedisDetails: true } },
  });
  return { prefix: BOARD_PREFIX, routes: serverAdapter.registerPlugin() };
}
