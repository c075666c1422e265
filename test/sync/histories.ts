/**
 * One seeded history: an API that lives (arrivals, ties, late rows, deletes, dead cursors, faults) and runs that are
 * cut anywhere. After every commit, each second that coverage claims must be in the warehouse; at the end, everything.
 */
import { TokenhouseError, UnreadablePageError } from '../../src/errors.ts';
import { contains } from '../../src/sync/coverage.ts';
import { unixSeconds } from '../../src/sync/ports.ts';
import { type SyncOptions, type SyncResult, syncCompletions } from '../../src/sync/sync.ts';
import { ApiModel, flaky, type ModelTraits } from '../support/api-model.ts';
import { MemoryWarehouse, SimulatedCrash } from '../support/memory-warehouse.ts';
import { type Random, seededRandom } from '../support/random.ts';

const START = 1_700_000_000;
const SETTLE_SECONDS = 60;

export interface HistoryReport {
  readonly rows: number;
  readonly runs: number;
  readonly crashes: number;
  readonly gaps: number;
  readonly requests: number;
}

/**
 * @param concurrencyMax walkers of a run, at the most: how many, and in what order their pages come, is the seed's.
 * @throws Error when a promise is broken; the message tells which, for this seed.
 */
export async function playHistory(seed: number, concurrencyMax = 8): Promise<HistoryReport> {
  const random = seededRandom(seed);
  // Of their own, so that one walker plays the history that it always did.
  const walkers = seededRandom(seed + 1e9);
  const concurrency = (): number => 1 + walkers.below(concurrencyMax);
  const api = new ApiModel(START, randomTraits(random), random);
  if (random.chance(0.3)) api.retentionSeconds = random.pick([500, 3_000, 10_000_000]);
  if (concurrencyMax > 1) api.delays = walkers;
  const world = new World(api, random);
  const warehouse = new MemoryWarehouse();
  let crashes = 0;
  warehouse.onCommit = (when) => {
    if (when === 'after') checkCoverage(api, warehouse, seed);
    if (world.isLively && random.chance(0.08)) {
      crashes += 1;
      throw new SimulatedCrash();
    }
  };

  world.arrive(random.below(120), 400);
  if (random.chance(0.1))
    for (const row of api.stored().slice(0, 1 + random.below(2))) api.poison.add(row.id);
  let runs = 0;
  for (const lively = 2 + random.below(5); runs < lively; runs += 1) {
    api.nowSeconds += random.below(random.chance(0.2) ? 3_000 : 200);
    world.arrive(random.below(60), 150);
    const abort = new AbortController();
    api.onRequest = () => world.live(abort);
    await syncCompletions(
      { source: api, warehouse, clock: clockOf(api) },
      optionsOf(random, api, concurrency()),
      abort.signal,
    ).catch((error: unknown) => {
      if (!(error instanceof SimulatedCrash || error instanceof TokenhouseError)) throw error;
    });
  }

  // Then all is calm, and every row has surfaced.
  world.isLively = false;
  api.onRequest = () => {};
  api.emptyReplies = 0;
  api.nowSeconds += 2 * SETTLE_SECONDS;
  const requestsBefore = api.counts().requests;
  const result = await syncCompletions(
    { source: api, warehouse, clock: clockOf(api) },
    { ...optionsOf(random, api, concurrency()), cutoff: unixSeconds(START - 1_000_000), isExplicit: true },
    new AbortController().signal,
  ).catch((error: unknown) => {
    // Where both sides of the list fail at once there is nothing to land; what is claimed was checked at each commit.
    if (api.poison.size > 0 && error instanceof UnreadablePageError) return null;
    throw error;
  });
  if (result === null) return { rows: api.stored().length, runs: runs + 1, crashes, gaps: 0, requests: 0 };
  checkEnd(api, warehouse, result, seed);
  const requests = api.counts().requests - requestsBefore;
  return { rows: api.stored().length, runs: runs + 1, crashes, gaps: result.gaps.length, requests };
}

function randomTraits(random: Random): ModelTraits {
  const cursor = random.chance(0.75) ? 'strict' : 'exact';
  return {
    cursor,
    ties: random.chance(0.8) ? 'shuffled' : 'stable',
    pageRowsMax: random.pick([2, 3, 5, 10, 20, 2_000]),
    hasMore: random.pick(['honest', 'honest', 'honest', 'honest', 'missing', 'blind', 'never'] as const),
    unknownCursor: random.pick(['error', 'error', 'empty', 'startsOver']),
    modelFilter: random.chance(0.85),
    metadataFilter: random.chance(0.75),
    ascending: random.chance(0.85),
    canRetrieve: random.chance(0.9),
  };
}

function optionsOf(random: Random, api: ApiModel, concurrency: number): SyncOptions {
  return {
    kind: 'sync',
    cutoff: unixSeconds(api.nowSeconds - random.pick([300, 2_000, 1_000_000])),
    until: null,
    isExplicit: random.chance(0.2),
    reread: random.chance(0.1),
    settleSeconds: SETTLE_SECONDS,
    pageSize: random.pick([2, 5, 20, 100]),
    concurrency,
    batchRows: random.pick([1, 7, 40, 2_000]),
    batchSeconds: random.pick([0.5, 5, 1_000]),
    withMessages: false,
  };
}

const clockOf = (api: ApiModel) => ({ nowMs: () => api.nowSeconds * 1000 });

/** What happens to the API beside the sync. */
class World {
  isLively = true;
  readonly #api: ApiModel;
  readonly #random: Random;
  #made = 0;
  #sinceBlip = 0;
  readonly #rareEach: number;
  readonly #density: number;

  constructor(api: ApiModel, random: Random) {
    this.#api = api;
    this.#random = random;
    this.#rareEach = random.pick([5, 50, 1_000]);
    this.#density = random.pick([1, 1, 4, 12]);
  }

  /** Rows of the last `span` seconds; a part of them shows up late, within the settle window. */
  arrive(rows: number, span: number): void {
    const random = this.#random;
    for (let i = 0; i < rows; ) {
      const createdAt = this.#api.nowSeconds - random.below(span);
      const age = this.#api.nowSeconds - createdAt;
      // What is older than the settle window must not surface now; that is the sweep's business.
      const second =
        age >= SETTLE_SECONDS - 2 && this.#made > 0 && this.isStarted ? this.#api.nowSeconds : createdAt;
      const together = 1 + random.below(this.#density);
      for (let j = 0; j < together && i < rows; j += 1, i += 1) this.#add(second);
    }
    this.isStarted = true;
  }
  isStarted = false;

  #add(createdAt: number): void {
    const random = this.#random;
    this.#made += 1;
    const isRare = random.below(this.#rareEach) === 0;
    const latest = createdAt + SETTLE_SECONDS - 1;
    const visibleAt = random.chance(0.2)
      ? Math.min(latest, this.#api.nowSeconds + random.below(40))
      : this.#api.nowSeconds;
    this.#api.add({
      id: `row-${String(random.below(1_000_000)).padStart(6, '0')}-${this.#made}`,
      createdAt,
      model: isRare ? `rare-${this.#made}` : random.pick(['a', 'b', 'c']),
      metadata: random.chance(0.3) ? {} : { team: random.pick(['x', 'y']) },
      visibleAt: Math.max(createdAt, visibleAt),
    });
  }

  /** Before each request: time goes on, rows come and go, the network fails, someone presses Ctrl-C. */
  live(abort: AbortController): void {
    const random = this.#random;
    this.#api.nowSeconds += random.below(3);
    if (random.chance(0.1)) this.arrive(random.below(6), 5);
    if (random.chance(0.05)) {
      const visible = this.#api.visible();
      const gone = visible[random.below(Math.max(1, visible.length))];
      if (gone !== undefined) this.#api.delete(gone.id);
    }
    if (random.chance(0.01)) abort.abort(new Error('stopped'));
    if (random.chance(0.02)) throw flaky();
    // Two such faults at once would be a list that is empty, as far as anyone can tell.
    this.#sinceBlip += 1;
    if (this.#sinceBlip > 20 && random.chance(0.005)) {
      this.#sinceBlip = 0;
      this.#api.emptyReplies = 1 + random.below(this.#api.listsAscending ? 2 : 1);
    }
  }
}

function held(warehouse: MemoryWarehouse): Set<string> {
  return new Set([...warehouse.rows.values()].map(({ item }) => item.id as string));
}

/** Promise 1, after every commit: no second is claimed that lacks a row. */
function checkCoverage(api: ApiModel, warehouse: MemoryWarehouse, seed: number): void {
  const coverage = warehouse.coverageNow('model', 'model');
  const ids = held(warehouse);
  for (const row of api.stored()) {
    if (contains(coverage, row.createdAt) && !ids.has(row.id)) {
      throw new Error(`seed ${seed}: second ${row.createdAt} is claimed, row ${row.id} is missing`);
    }
  }
}

function checkEnd(api: ApiModel, warehouse: MemoryWarehouse, result: SyncResult, seed: number): void {
  checkCoverage(api, warehouse, seed);
  const ids = held(warehouse);
  const unproven = result.gaps;
  for (const row of api.stored()) {
    if (ids.has(row.id) || contains(unproven, row.createdAt)) continue;
    const isSettled = row.createdAt <= api.nowSeconds - SETTLE_SECONDS;
    // A dense second inside the settle window is read again by the next run, whole.
    if (isSettled)
      throw new Error(`seed ${seed}: row ${row.id} of ${row.createdAt} is neither held nor in a gap`);
  }
  const listed = new Set(api.stored().map((row) => `${api.name} ${row.id} ${row.createdAt}`));
  for (const key of warehouse.deletions) {
    if (listed.has(key)) throw new Error(`seed ${seed}: row ${key} is listed and noted as deleted`);
  }
  const counted = unproven.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0);
  if (result.unprovenSeconds > counted) {
    throw new Error(`seed ${seed}: ${result.unprovenSeconds} seconds unproven, ${counted} in gaps`);
  }
}
