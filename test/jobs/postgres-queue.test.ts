import { beforeAll } from 'vitest';
import { queueContract } from '../contract/queue.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { describeWithPostgres } from '../support/programs.ts';

describeWithPostgres('a queue in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  queueContract({ name: 'postgres', environment: () => ({ QUEUE_URL: server.url }) });
});
