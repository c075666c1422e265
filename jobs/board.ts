/** Bull Board: the queues as a page. To look at only: what changes a job asks for the command line, which no other site can send for. */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyPluginAsync } from 'fastify';
import type { Queues } from './queues.ts';

const BOARD_PREFIX = '/queues';

/** Its page asks a server of Google's for its typeface. Whose machine shows it is nobody's business, and it works without. */
const FOREIGN_FONTS = /<link[^>]+href="https:[^>]+>/g;

export interface Board {
  readonly prefix: string;
  readonly routes: FastifyPluginAsync;
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
  return {
    prefix: BOARD_PREFIX,
    async routes(app) {
      app.addHook('onSend', async (_request, _reply, payload) =>
        typeof payload === 'string' ? payload.replace(FOREIGN_FONTS, '') : payload,
      );
      await app.register(serverAdapter.registerPlugin());
    },
  };
}
