import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openEmbedded } from '../../jobs/embedded.ts';
import type { Probe } from '../../src/health/probe.ts';
import { importNightly } from '../../src/run/nightly-import.ts';
import { queueContract } from '../contract/queue.ts';
import { type House, houseOf } from '../support/house.ts';
import { crewOf, ownQueueName, silentLog } from './support.ts';

const LONG = { timeout: 30_000, interval: 50 };

describe('the embedded queue', () => {
  let folder: string;
  // Making a new one takes seconds, which a user waits once: the tests start from a copy of an empty one.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenhouse-embedded-'));
    const queue = await openEmbedded(join(folder, 'empty'), silentLog(), new AbortController().signal);
    await queue.close();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const prepare = async ({ path }: House): Promise<void> => {
    await mkdir(`${path}.queue`, { mode: 0o700 });
    await cp(join(folder, 'empty.queue/postgres'), `${path}.queue/postgres`, { recursive: true });
  };
  queueContract({ name: 'embedded', environment: () => ({}), prepare });

  it('the worker imports PRICES_URL by its schedule; one that fails changes nothing, and is told of until one succeeds', async () => {
    let answer = listOf(2);
    const server = createServer((_, response) => response.end(answer));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.json?token=canary`;
    const house = await houseOf({ rows: 1 });
    await prepare(house);
    const env = { PRICES_URL: url, PRICES_SCHEDULE: '* * * * * *', QUEUE_NAME: ownQueueName() };
    const crew = await crewOf(house, env);
    let published = 0;
    await crew.hire({
      importPrices: (signal) =>
        importNightly(crew.config, {
          log: silentLog(),
          signal,
          nowMs: () => house.now * 1000,
          publish: async () => {
            published += 1;
          },
        }),
    });
    const prices = async () => {
      const rows = await house.query(
        "select usd_per_mtok::double as usd from main.model_prices where source = 'imported' and valid_to is null",
      );
      return rows.map(({ usd }) => usd);
    };
    const held = await crew.queues.ticks.getJobSchedulers();
    expect(held.map(({ key, pattern }) => [key, pattern])).toEqual([['import-prices', '* * * * * *']]);
    await expect.poll(prices, LONG).toEqual([2]);
    const failed = async () => {
      const { stdout } = await house.tokenhouse(['--json', 'status'], { env });
      return JSON.parse(stdout).failed_price_import;
    };
    const probe = async (): Promise<Probe | undefined> => {
      const { stdout } = await house.tokenhouse(['--json', 'doctor', '--offline'], { env });
      expect(stdout).not.toContain('canary');
      return (JSON.parse(stdout).probes as readonly Probe[]).find(({ name }) => name === 'prices');
    };
    expect(await failed()).toBeNull();
    expect(await probe()).toMatchObject({
      status: 'ok',
      what: expect.stringMatching(/is imported by the worker/),
    });

    answer = '<html>';
    await expect
      .poll(failed, LONG)
      .toMatchObject({ reason: expect.stringMatching(/is none of the price lists/) });
    expect(await probe()).toMatchObject({
      status: 'warn',
      mend: expect.stringMatching(/tokenhouse prices import/),
    });
    await expect.poll(() => crew.queues.ticks.getFailedCount(), LONG).toBeGreaterThan(0);
    const [job] = await crew.queues.ticks.getFailed();
    // It is not tried again before the next night.
    expect([job?.attemptsMade, job?.failedReason]).toEqual([
      1,
      expect.stringMatching(/is none of the price lists/),
    ]);
    expect(await prices()).toEqual([2]);

    house.now += 86_400;
    answer = listOf(3);
    await expect.poll(failed, LONG).toBeNull();
    expect(await prices()).toEqual([3]);
    // Not of those that found all as it was.
    expect(published).toBe(2);
  });
});

/** As LiteLLM's, of one model. */
const listOf = (usd: number): string =>
  JSON.stringify({
    'gpt-9': { litellm_provider: 'openai', mode: 'chat', input_cost_per_token: usd / 1_000_000 },
  });
