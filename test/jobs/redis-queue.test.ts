import { beforeAll } from 'vitest';
import { queueContract } from '../contract/queue.ts';
import { describeWithRedis } from '../support/programs.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

describeWithRedis('a queue in Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  queueContract({ name: 'redis', environment: () => ({ REDIS_URL: server.url }) });
});
