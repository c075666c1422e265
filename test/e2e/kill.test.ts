/** Promise 2 with real processes: killed anywhere, nothing is lost, nothing is there twice, at most two batches are read again. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { COMPILE_CACHE, compare, complete, type House, houseOf, NOW } from '../support/house.ts';
import type { KillOrder } from '../support/kill-child.ts';
import { type Started, started } from '../support/shell.ts';

const ROWS = 560;
const PAGE_SIZE = 20;
/** Ends a chain that gets nowhere. */
const ROUNDS_MAX = 80;
const SYNC = ['sync', '--since', '2025-06-01', '--json'];

interface Tied {
  readonly house: House;
  /** Called before each request is answered, n counting from 1 for each process. */
  onRequest: (n: number) => void;
  requestsBefore: number;
}

async function tiedHouse(): Promise<Tied> {
  const tied: Tied = {
    onRequest: () => {},
    requestsBefore: 0,
    house: await houseOf({
      rows: ROWS,
      generate: { ratePerSecond: 5 },
      onRequest: (n) => tied.onRequest(n - tied.requestsBefore),
    }),
  };
  return tied;
}

/** In all chains. */
let kills = 0;

interface Chain {
  readonly kills: number;
  /** Rows each process read that one before it had read already, the head page left out. */
  readonly rowsReadAgain: readonly number[];
}

/**
 * Starts processes on one warehouse until one ends by itself, and looks at the file after each death.
 *
 * @param start starts the n-th process, from 0, and sees to its end.
 * @param check what holds of the file after each death.
 */
async function killUntilDone(
  tied: Tied,
  start: (n: number) => Started,
  check: (house: House) => Promise<void> = expectConsistent,
): Promise<Chain> {
  const { house } = tied;
  const rowsReadAgain: number[] = [];
  const read = new Set<number>();
  for (let n = 0; n < ROUNDS_MAX; n += 1) {
    const answeredBefore = house.emulator.requests.length;
    tied.requestsBefore = house.emulator.requestCount;
    const last = await start(n).ended;
    tied.onRequest = () => {};
    const pages = house.emulator.requests
      .slice(answeredBefore)
      // The look at the list's other end, and the one at whose list it is, are no pages of the walk.
      .filter(({ query }) => query.get('order') === 'desc' && query.get('limit') !== '1')
      // A scout's pages bring rows from all over the list, which others read as well.
      .filter(({ query }) => ![...query.keys()].some((key) => key === 'model' || key.startsWith('metadata')))
      .map(({ query }) => placesOf(house, query));
    rowsReadAgain.push(new Set(pages.slice(1).flat()).intersection(read).size);
    for (const place of pages.flat()) read.add(place);
    if (last.signal !== 'SIGKILL') {
      expect(last.stderr).not.toContain('tokenhouse:');
      expect(last.code).toBe(EXIT.landed);
      return { kills: n, rowsReadAgain };
    }
    kills += 1;
    await check(house);
  }
  throw new Error(`${ROUNDS_MAX} processes were killed and the run is not through`);
}

/** The places of the page's rows in the list, the newest being 0: the strict cursor starts it below the second of `after`. */
function placesOf({ emulator: { store } }: House, query: URLSearchParams): number[] {
  const cursor = store.find(query.get('after') ?? '');
  const second = cursor === null ? Number.POSITIVE_INFINITY : store.createdOf(cursor);
  const above = [...store.rows()].filter((row) => store.createdOf(row) >= second).length;
  return Array.from({ length: PAGE_SIZE }, (_, place) => above + place);
}

/** What holds at any moment: no second is claimed that lacks a row, no row is there twice, parts fit their rows. */
async function expectConsistent(house: House, walkers = 1): Promise<void> {
  const { falselyProven, twice, foreign } = await compare(house);
  expect({ falselyProven, twice, foreign }).toEqual({ falselyProven: [], twice: 0, foreign: [] });
  const [counts] = await house.query(
    `select (select count(*) from main.completions) = (select count(*) from main.completion_usage) as usage_fits,
            (select count(*) from main.completions where choice_count <> (select count(*) from main.completion_choices c
              where c.completion_id = completions.id)) as choices_off,
            (select count(distinct created) from main.completions
              where not exists (from sync.coverage where created between from_second and to_second)) as seconds_open,
            (select count(*) from sync.checkpoints) as checkpoints,
            (select count(*) from sync.runs where status = 'landed') as landed,
            (select count(*) from sync.runs where status = 'running') as running`,
  );
  // The checkpoint is written with the end of a landed run, and by nothing else.
  expect(counts).toMatchObject({ usage_fits: true, choices_off: 0n });
  expect(counts?.['checkpoints']).toBe(counts?.['landed'] === 0n ? 0n : 1n);
  expect(Number(counts?.['running'])).toBeLessThanOrEqual(1);
  // Rows come with the coverage they prove: only of the second that a walker's last page cut there is none, and of the two rows where the
  // list begins, which are looked at to know how far that is.
  if (walkers === 1) expect(Number(counts?.['seconds_open'])).toBeLessThanOrEqual(1 + 2);
}

async function expectComplete(house: House): Promise<void> {
  expect(await compare(house)).toEqual(complete(house.emulator));
  await expectConsistent(house);
}

/**
 * Two batches, the one that is loaded and the one that is gathered, each over its size by up to a page of each walker, the page on its
 * way, and the second that each page cuts.
 */
const rowsAtRisk = (batchRows: number, walkers = 1): number =>
  2 * (batchRows + walkers * PAGE_SIZE) + 2 * walkers * PAGE_SIZE;

/** Kills the process at its n-th request: before the answer, or so many milliseconds after it. */
function syncKilledAt(
  tied: Tied,
  batchRows: number,
  request: number,
  delayMs: number | null,
  walkers = 1,
): Started {
  const run = tied.house.start(SYNC, {
    env: {
      PAGE_SIZE: String(PAGE_SIZE),
      CONCURRENCY: String(walkers),
      BATCH_ROWS: String(batchRows),
      BATCH_SECONDS: '3600',
    },
  });
  tied.onRequest = (n) => {
    if (n !== request) return;
    if (delayMs === null) {
      run.child.kill('SIGKILL');
      throw new Error('nobody is there to be answered');
    }
    setTimeout(() => run.child.kill('SIGKILL'), delayMs);
  };
  return run;
}

describe('killed with SIGKILL, again and again until a run gets through', () => {
  it('between commits', async () => {
    // A process that is killed leaves no compiled code for the next one, which is half of what each does: one that ends by itself does.
    await (await houseOf({ rows: 1 })).start(SYNC).ended;
    const tied = await tiedHouse();
    const chain = await killUntilDone(tied, (n) => syncKilledAt(tied, PAGE_SIZE, 9 + (n % 4), null));
    await expectComplete(tied.house);
    expect(chain.kills).toBeGreaterThanOrEqual(3);
    expect(Math.max(...chain.rowsReadAgain)).toBeLessThanOrEqual(rowsAtRisk(PAGE_SIZE));
  }, 150_000);

  it('in the milliseconds after a page has come, while it is committed', async () => {
    const tied = await tiedHouse();
    const chain = await killUntilDone(tied, (n) => syncKilledAt(tied, PAGE_SIZE, 10 + (n % 3), (n * 7) % 40));
    await expectComplete(tied.house);
    expect(chain.kills).toBeGreaterThanOrEqual(3);
    expect(Math.max(...chain.rowsReadAgain)).toBeLessThanOrEqual(rowsAtRisk(PAGE_SIZE));
  });

  it('with batches of five pages: what was read and not committed is read again, and no more', async () => {
    const tied = await tiedHouse();
    const batchRows = 5 * PAGE_SIZE;
    const chain = await killUntilDone(tied, (n) => syncKilledAt(tied, batchRows, 14 + (n % 5), null));
    await expectComplete(tied.house);
    expect(chain.kills).toBeGreaterThanOrEqual(3);
    expect(Math.max(...chain.rowsReadAgain)).toBeLessThanOrEqual(rowsAtRisk(batchRows));
  });

  it('with eight walkers, anywhere', async () => {
    const tied = await tiedHouse();
    const chain = await killUntilDone(
      tied,
      // Later each time: eight pages come before the first of them is committed.
      (n) => syncKilledAt(tied, PAGE_SIZE, 8 + 2 * n, n % 2 === 0 ? null : n % 30, 8),
      (house) => expectConsistent(house, 8),
    );
    expect(await compare(tied.house)).toEqual(complete(tied.house.emulator));
    expect(chain.kills).toBeGreaterThanOrEqual(3);
    expect(Math.max(...chain.rowsReadAgain)).toBeLessThanOrEqual(rowsAtRisk(PAGE_SIZE, 8));
  }, 150_000);

  it('while it starts: opening, migrating, before the first page', async () => {
    const tied = await tiedHouse();
    await rm(tied.house.path);
    const chain = await killUntilDone(
      tied,
      (n) => {
        const run = tied.house.start(SYNC);
        if (n < 10) setTimeout(() => run.child.kill('SIGKILL'), 90 + 25 * n);
        return run;
      },
      // There may be no file yet, or one without tables: the next process makes the best of it.
      async () => {},
    );
    await expectComplete(tied.house);
    expect(chain.kills).toBeGreaterThan(0);
  });

  it('by its own hand at each step of a commit', async () => {
    const tied = await tiedHouse();
    const steps = [
      'load/create_staging',
      'staged',
      'load/plan_merge',
      'load/insert_completions',
      'load/insert_completion_usage',
      'load/insert_completion_choices',
      'load/insert_completion_metadata',
      'load/insert_changes',
      'load/merge_ranges',
      'load/delete_touched_coverage',
      'load/insert_coverage',
      'load/update_run',
      'before commit',
      'committed',
      'load/insert_checkpoint',
      'load/end_run',
    ];
    const chain = await killUntilDone(tied, (n) => {
      const step = steps[n] ?? 'none';
      // The last ones come once, with the end of a run.
      const nth = ['load/insert_checkpoint', 'load/end_run'].includes(step) ? 1 : 2;
      return syncKilledIn(tied.house, step, nth);
    });
    await expectComplete(tied.house);
    expect(chain.kills).toBe(steps.length);
    expect(Math.max(...chain.rowsReadAgain)).toBeLessThanOrEqual(rowsAtRisk(PAGE_SIZE));
  });

  it('fifty times and more in all', () => {
    expect(kills).toBeGreaterThanOrEqual(50);
  });
});

function syncKilledIn({ emulator, path }: House, step: string, nth: number): Started {
  const order: KillOrder = {
    baseUrl: emulator.baseUrl,
    path,
    step,
    nth,
    nowSeconds: NOW,
    pageSize: PAGE_SIZE,
    batchRows: PAGE_SIZE,
  };
  const script = fileURLToPath(new URL('../support/kill-child.ts', import.meta.url));
  return started(process.execPath, [script, JSON.stringify(order)], { env: COMPILE_CACHE });
}

/** Rows there have to be when the tenth request is cut short: with several walkers others are as well, and some look ahead. */
describe.each([
  ['SIGTERM', 1, 6 * PAGE_SIZE],
  ['SIGINT', 4, 3 * PAGE_SIZE],
] as const)('%s, %i walkers', (signal, walkers, rowsMin) => {
  it('ends the run with 130, leaves a clean file and is resumed by the next run', async () => {
    const tied = await tiedHouse();
    const { house } = tied;
    const env = { PAGE_SIZE: String(PAGE_SIZE), CONCURRENCY: String(walkers) };
    const run = house.start(SYNC, { env });
    tied.onRequest = (n) => {
      if (n === 10) run.child.kill(signal);
    };
    const { code, stdout } = await run.ended;
    expect(code).toBe(EXIT.interrupted);
    expect(JSON.parse(stdout)).toMatchObject([{ status: 'interrupted' }]);
    expect(existsSync(`${house.path}.wal`)).toBe(false);
    await expectConsistent(house, walkers);
    const [interrupted] = await house.query('select status, error, pages, rows_inserted from sync.runs');
    expect(interrupted).toMatchObject({ status: 'interrupted', error: null });
    const rowsBefore = Number(interrupted?.['rows_inserted']);
    expect(rowsBefore).toBeGreaterThanOrEqual(rowsMin);

    const next = await house.sync({ args: ['--since', '2025-06-01'], env });
    expect(next.code).toBe(EXIT.landed);
    expect(next.report.rows_inserted).toBe(ROWS - rowsBefore);
    await expectComplete(house);
  });
});
