import { once } from 'node:events';
import { connect } from 'node:net';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startPostgres } from './postgres.ts';
import { describeWithPostgres, describeWithRedis } from './programs.ts';
import { startRedis } from './redis.ts';

describeWithRedis('the Redis of the tests', () => {
  test('keeps its port and what it was told over a SIGKILL and a stop', async () => {
    const server = await startRedis();
    const client = new Redis(server.url, { retryStrategy: () => 50 });
    onTestFinished(() => client.disconnect());
    client.on('error', () => {});
    await client.set('answer', '42');
    await server.kill();
    await server.restart();
    expect(await client.get('answer')).toBe('42');
    await server.stop();
    await server.restart();
    expect(await client.get('answer')).toBe('42');
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  });

  test('hangs when it is paused, and goes on', async () => {
    const server = await startRedis({ config: ['maxmemory-policy allkeys-lru'] });
    const client = new Redis(server.url, { commandTimeout: 200 });
    onTestFinished(() => client.disconnect());
    await client.ping();
    server.pause();
    await expect(client.ping()).rejects.toThrow('Command timed out');
    server.resume();
    expect(await client.ping()).toBe('PONG');
  });

  test('is gone when it was stopped', async () => {
    const server = await startRedis();
    await server.stop();
    const [error] = await once(connect(server.port, '127.0.0.1'), 'error').catch((error) => [error]);
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describeWithPostgres('the PostgreSQL of the tests', () => {
  test('keeps its port and what it was told over a SIGKILL and a stop', async () => {
    const server = await startPostgres({ password: 'p@ss/word' });
    await query(server.url, 'create table t as select 42 as answer');
    await server.kill();
    await server.restart();
    expect(await query(server.url, 'select answer from t')).toEqual([{ answer: 42 }]);
    await server.stop();
    await server.restart();
    expect(await query(server.url, 'select answer from t')).toEqual([{ answer: 42 }]);
    await expect(query(server.url.replace('p%40ss', 'pass'), 'select 1')).rejects.toThrow('password');
  });
});

async function query(connectionString: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
