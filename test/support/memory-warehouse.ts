/** A warehouse in memory, for tests of the sync alone. The contract test holds it to what the DuckDB one does. */
import { hash } from 'node:crypto';
import { TerminalError } from '../../src/errors.ts';
import { type Coverage, difference, EMPTY_COVERAGE, union } from '../../src/sync/coverage.ts';
import type {
  Batch,
  Checkpoint,
  CompletionId,
  Gap,
  Item,
  HeldRow as KnownPart,
  KnownRow,
  LoadCounts,
  RunStart,
  SecondRange,
  SplitValues,
  UnixSeconds,
  Warehouse,
} from '../../src/sync/ports.ts';
import { textOf } from './items.ts';

export class SimulatedCrash extends Error {}

interface HeldRow {
  readonly item: Item;
  readonly observedAtMs: number;
  readonly createdAt: UnixSeconds;
  /** Where it was listed when its text was last new. */
  readonly scope: string;
}

/** Of two observations of one millisecond the one with the greater hash, so that the order of arrival does not matter. */
function isNewer(row: HeldRow, held: HeldRow): boolean {
  if (row.observedAtMs !== held.observedAtMs) return row.observedAtMs > held.observedAtMs;
  return hash('sha256', row.item.raw) > hash('sha256', held.item.raw);
}

export class MemoryWarehouse implements Warehouse {
  /** Called before and after each commit; throws {@link SimulatedCrash} to end the "process" there. */
  onCommit: (when: 'before' | 'after', batch: Batch) => void = () => {};
  readonly rows = new Map<string, HeldRow>();
  readonly rejected = new Map<string, Item>();
  /** Keys of rows found to be deleted at the API. */
  readonly deletions = new Set<string>();
  readonly runs = new Map<string, { status: string; source: string; scope: string }>();
  #coverage = new Map<string, Coverage>();
  #gaps = new Map<string, readonly Gap[]>();
  #checkpoints = new Map<string, Checkpoint>();

  async startRun(run: RunStart): Promise<string> {
    for (const other of this.runs.values()) {
      if (other.source === run.source && other.status === 'running') other.status = 'abandoned';
    }
    const id = `run-${this.runs.size + 1}`;
    this.runs.set(id, { status: 'running', source: run.source, scope: run.scope });
    return id;
  }

  async readCoverage(source: string, scope: string): Promise<Coverage> {
    return this.#coverage.get(keyOf(source, scope)) ?? EMPTY_COVERAGE;
  }

  coverageNow(source: string, scope: string): Coverage {
    return this.#coverage.get(keyOf(source, scope)) ?? EMPTY_COVERAGE;
  }

  async readGaps(source: string, scope: string): Promise<readonly Gap[]> {
    return this.#gaps.get(keyOf(source, scope)) ?? [];
  }

  async readCheckpoint(source: string): Promise<Checkpoint | null> {
    return this.#checkpoints.get(source) ?? null;
  }

  async knownRowsWithin(source: string, range: SecondRange, count: number): Promise<readonly KnownPart[]> {
    const width = Math.max(1, Math.ceil((range.to - range.from + 1) / count));
    const byBucket = new Map<number, KnownPart>();
    for (const [key, { item, createdAt }] of this.rows) {
      if (createdAt < range.from || createdAt > range.to || !key.startsWith(`${source} `)) continue;
      const bucket = Math.floor((createdAt - range.from) / width);
      const known = byBucket.get(bucket);
      const newest =
        known !== undefined && known.createdAt > createdAt
          ? known
          : { id: item.id as CompletionId, createdAt };
      byBucket.set(bucket, { ...newest, rows: (known?.rows ?? 0) + 1 });
    }
    return [...byBucket.values()].sort((a, b) => b.createdAt - a.createdAt);
  }

  async knownRowAbove(source: string, second: UnixSeconds, rank: number): Promise<KnownRow | null> {
    const bySecond = new Map<number, KnownRow>();
    for (const [key, { item, createdAt }] of this.rows) {
      if (createdAt <= second || !key.startsWith(`${source} `)) continue;
      bySecond.set(createdAt, { id: item.id as CompletionId, createdAt });
    }
    const seconds = [...bySecond.keys()].sort((a, b) => a - b);
    const found = seconds[rank - 1];
    return found === undefined ? null : (bySecond.get(found) ?? null);
  }

  async knownRowBelow(source: string, second: UnixSeconds): Promise<KnownRow | null> {
    let found: KnownRow | null = null;
    for (const [key, { item, createdAt }] of this.rows) {
      if (createdAt >= second || !key.startsWith(`${source} `)) continue;
      if (found === null || createdAt > found.createdAt) found = { id: item.id as CompletionId, createdAt };
    }
    return found;
  }

  async knownIdsIn(source: string, second: UnixSeconds): Promise<readonly CompletionId[]> {
    return [...this.rows]
      .filter(([key, row]) => key.startsWith(`${source} `) && row.createdAt === second)
      .map(([, { item }]) => item.id as CompletionId);
  }

  async knownSplitValues(source: string, limit: number): Promise<SplitValues> {
    const models = new Map<string, number>();
    const pairs = new Map<string, number>();
    for (const [key, { item }] of this.rows) {
      if (!key.startsWith(`${source} `)) continue;
      if (item.model !== null) models.set(item.model, (models.get(item.model) ?? 0) + 1);
      for (const pair of Object.entries(item.metadata)) {
        const text = JSON.stringify(pair);
        pairs.set(text, (pairs.get(text) ?? 0) + 1);
      }
    }
    const most = (counts: Map<string, number>) =>
      [...counts]
        .sort((a, b) => b[1] - a[1])
        .slice(0, limit)
        .map(([value]) => value);
    return {
      models: most(models),
      metadata: most(pairs).map((text) => JSON.parse(text) as [string, string]),
    };
  }

  async load(batch: Batch): Promise<LoadCounts> {
    this.onCommit('before', batch);
    const run = this.runs.get(batch.runId);
    if (run?.status !== 'running') throw new TerminalError(`run ${batch.runId} is not the running one`);
    const counts = { rowsInserted: 0, rowsUpdated: 0, rowsRejected: 0, rowsDeleted: 0 };
    const newest = new Map<string, HeldRow>();
    for (const { item, observedAtMs } of batch.items) {
      if (item.rejection !== null || item.id === null || item.createdAt === null) {
        const key = `${batch.source} ${textOf(item)}`;
        if (!this.rejected.has(key)) counts.rowsRejected += 1;
        this.rejected.set(key, item);
        continue;
      }
      const key = `${batch.source} ${item.id} ${item.createdAt}`;
      const row = { item, observedAtMs, createdAt: item.createdAt, scope: batch.scope };
      const other = newest.get(key);
      if (other === undefined || isNewer(row, other)) newest.set(key, row);
    }
    for (const [key, row] of newest) {
      const held = this.rows.get(key);
      if (held === undefined) counts.rowsInserted += 1;
      else if (!isNewer(row, held)) continue;
      else if (textOf(held.item) !== textOf(row.item)) counts.rowsUpdated += 1;
      const isSame = held !== undefined && textOf(held.item) === textOf(row.item);
      this.rows.set(key, isSame ? { ...row, scope: held.scope } : row);
    }
    for (const key of newest.keys()) this.deletions.delete(key);
    if (batch.reread !== null) {
      const { sinceMs, keptFrom, met } = batch.reread;
      const isMet = (second: number) => met.some(({ from, to }) => from <= second && second <= to);
      for (const [key, { observedAtMs, createdAt, scope }] of this.rows) {
        if (!key.startsWith(`${batch.source} `) || observedAtMs >= sinceMs || scope !== batch.scope) continue;
        if (createdAt < keptFrom || !isMet(createdAt) || this.deletions.has(key)) continue;
        this.deletions.add(key);
        counts.rowsDeleted += 1;
      }
    }
    const key = keyOf(batch.source, batch.scope);
    const coverage = union(this.#coverage.get(key) ?? EMPTY_COVERAGE, batch.covered);
    this.#coverage.set(key, coverage);
    const isSame = (a: Gap, b: Gap) => a.kind === b.kind && a.from === b.from && a.to === b.to;
    const isOpen = (gap: Gap) => difference([gap], coverage).length > 0;
    const held = (this.#gaps.get(key) ?? []).filter(
      (gap) => isOpen(gap) && !batch.gaps.some((next) => isSame(gap, next)),
    );
    this.#gaps.set(
      key,
      [...held, ...batch.gaps].sort((a, b) => a.from - b.from),
    );
    if (batch.checkpoint !== null) this.#checkpoints.set(batch.source, batch.checkpoint);
    if (batch.end !== null) run.status = batch.end.status;
    this.onCommit('after', batch);
    return counts;
  }
}

const keyOf = (source: string, scope: string) => JSON.stringify([source, scope]);
