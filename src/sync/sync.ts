/**
 * The main path: plan the holes, walk each one page by page, load rows and the coverage they prove. Start reading
 * here. A nightly run, a resumed one, a backfill and a gap repair differ only in the stretch they ask for.
 */
import { TokenhouseError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { type Coverage, countSeconds, holes, intersection, range, union } from './coverage.ts';
import { type AroundPiece, Crew } from './crew.ts';
import { type Beginning, fetchOldest } from './end.ts';
import { type CommitReport, Loader } from './loader.ts';
import { fetchMessagesOf } from './messages.ts';
import { bytesARow, PAGE_BYTES } from './page-sizes.ts';
import { type Plan, planRun } from './plan.ts';
import {
  type Checkpoint,
  type Clock,
  type CompletionId,
  type CompletionSource,
  type Gap,
  type Page,
  type RunCounts,
  type RunKind,
  type RunStatus,
  type SecondRange,
  type UnixSeconds,
  unixSeconds,
  type Warehouse,
} from './ports.ts';
import { ReadAhead } from './read-ahead.ts';
import { newTraits } from './traits.ts';
import { isPlaced } from './walk.ts';

export interface SyncDependencies {
  readonly source: CompletionSource;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly onProgress?: (progress: SyncProgress) => void;
  readonly aroundPiece?: AroundPiece;
  /** After each commit. */
  readonly onCommit?: (commit: CommitReport) => void;
}

export interface SyncOptions {
  readonly kind: RunKind;
  /** Oldest second to have; rows below it are loaded when a page shows them, and not asked for. */
  readonly cutoff: UnixSeconds;
  /** Newest second to have; null: now. */
  readonly until: UnixSeconds | null;
  /** True when a person named the stretch (`--since`): it is then kept to, and gaps given up on are tried again. */
  readonly isExplicit: boolean;
  /** Read covered seconds again too (edited metadata, very late rows). */
  readonly reread: boolean;
  /** Seconds younger than this are loaded and not yet marked as covered: rows still surface there. */
  readonly settleSeconds: number;
  readonly pageSize: number;
  /** Walkers side by side, at the most. */
  readonly concurrency: number;
  readonly batchRows: number;
  readonly batchSeconds: number;
  /** Fetch the input messages of each completion too: one request or more for each. */
  readonly withMessages: boolean;
}

export interface SyncProgress {
  readonly counts: RunCounts;
  /** Everything is dealt with down to this second. */
  readonly reached: UnixSeconds;
  /** At work side by side. */
  readonly walkers: number;
  /** Estimate of what there is still to be read; null: not known yet. */
  readonly pagesLeft: number | null;
}

export interface SyncResult {
  readonly runId: string;
  readonly status: RunStatus;
  readonly plan: Plan;
  readonly counts: RunCounts;
  /** Gaps of the stretch that stay open after the run, given-up ones left out. */
  readonly gaps: readonly Gap[];
  /** Seconds of the stretch that are not proven to be read in full, the settle window left out. */
  readonly unprovenSeconds: number;
  readonly checkpoint: Checkpoint | null;
  /** null: the server does not tell. */
  readonly oldestServedAt: UnixSeconds | null;
}

/**
 * Fills every hole between the cutoff and now.
 *
 * @returns once the whole stretch was walked (`landed`), or, when `signal` aborts, once what was read is committed
 * (`interrupted`): the next run goes on from there.
 * @throws {TransientError} | {TerminalError} after what was read is committed; the run is then recorded as failed.
 */
export async function syncCompletions(
  { source, warehouse, clock, onProgress, onCommit, aroundPiece = (_, fill) => fill() }: SyncDependencies,
  options: SyncOptions,
  signal: AbortSignal,
): Promise<SyncResult> {
  const startedAtMs = clock.nowMs();
  const now = unixSeconds(Math.floor(startedAtMs / 1000));
  const { name, retentionSeconds } = source;
  const started = async (scope: string) => {
    const plan = await planOf({ name, scope, retentionSeconds }, warehouse, options, now);
    const run = { source: name, scope, kind: options.kind, range: plan.range, startedAtMs };
    return { plan, scope, runId: await warehouse.startRun(run) };
  };
  const resolved = await source.resolveScope(signal).catch((error: unknown) => ({ error }));
  const { plan, scope, runId } = await started(typeof resolved === 'string' ? resolved : source.scope);
  const loader = new Loader(warehouse, clock, () => source.counts(), {
    runId,
    source: name,
    scope,
    batchRows: options.batchRows,
    batchSeconds: options.batchSeconds,
    reread: () => (options.reread ? { sinceMs: startedAtMs, keptFrom: keptFrom() } : null),
    onCommit: onCommit ?? (() => {}),
  });
  const seen = newSightings(now);
  const keptFrom = (): UnixSeconds => {
    if (retentionSeconds === null) return unixSeconds(0);
    const present = Math.max(now, Math.floor(clock.nowMs() / 1000), seen.latestServerTime);
    return unixSeconds(Math.max(0, present - retentionSeconds + EXPIRY_MARGIN_SECONDS));
  };

  const traits = newTraits();
  const beginning: Beginning = { look: null, isTied: false };
  const aheads: ReadAhead[] = [];
  const contextOf = (walkers: AbortSignal): FillContext => {
    const ahead = new ReadAhead(source, walkers);
    aheads.push(ahead);
    let idsOfLastPage: ReadonlySet<CompletionId | null> = new Set();
    return {
      source,
      scope,
      warehouse,
      loader,
      traits,
      beginning,
      now,
      pageSize: options.pageSize,
      pageBytes: PAGE_BYTES / options.concurrency,
      signal: walkers,
      // A clock ahead of the server's must not make seconds look settled that are not.
      settledUntil: () => unixSeconds(Math.min(now, seen.serverTime) - options.settleSeconds),
      present: () => unixSeconds(Math.max(now, Math.floor(clock.nowMs() / 1000), seen.latestServerTime)),
      async fetchPage(request, foresee) {
        const reply = await ahead.fetch(request, foresee ?? null);
        const isDoubted = traits.isEndDoubted && reply.hasMore === false;
        const page = isDoubted ? { ...reply, hasMore: null } : reply;
        noteSightings(seen, page, now);
        loader.addPage(page, request.order);
        traits.rowBytes = bytesARow(page.items) ?? traits.rowBytes;
        if (options.withMessages)
          loader.addMessages(
            await fetchMessagesOf(page, idsOfLastPage, source, Math.max(1, crew.walkers), walkers),
            request.order,
          );
        idsOfLastPage = new Set(page.items.map((item) => item.id));
        return page;
      },
      noteEmptyList() {
        seen.isListEmpty = true;
      },
      noteOldestServed(second) {
        seen.oldestServedAt = second;
      },
      onProgress(reached) {
        onProgress?.({
          counts: loader.counts,
          reached: crew.reached ?? reached,
          walkers: crew.walkers,
          pagesLeft: crew.pagesLeft,
        });
      },
    };
  };
  const { pageSize, concurrency, reread: isReread } = options;
  const crew = new Crew(plan.holes, { pageSize, concurrency, isReread, contextOf, aroundPiece });

  const result = async (status: RunStatus, error: string | null): Promise<SyncResult> => {
    const context = contextOf(signal);
    if (status === 'landed' && seen.oldestServedAt === null) await lookForOldest(context, seen);
    const checkpoint = status === 'landed' ? await newCheckpoint(warehouse, name, seen.newest) : null;
    const all = await openSeconds(context, plan);
    // An empty project proves nothing, and nothing of it is missing, but for what may have expired.
    const open = seen.isListEmpty ? { ...all, seconds: countSeconds(all.gaps) } : all;
    const finishedAtMs = clock.nowMs();
    const end = { status, finishedAtMs, unprovenSeconds: open.seconds, error };
    await loader.commit({ checkpoint, oldestServedAt: seen.oldestServedAt, end });
    return {
      runId,
      status,
      plan,
      counts: loader.counts,
      gaps: open.gaps,
      unprovenSeconds: open.seconds,
      checkpoint: checkpoint ?? (await warehouse.readCheckpoint(name)),
      oldestServedAt: seen.oldestServedAt,
    };
  };

  try {
    if (typeof resolved !== 'string') throw resolved.error;
    await crew.run(signal);
    return await result('landed', null);
  } catch (error) {
    if (signal.aborted) return await result('interrupted', null);
    // The first error is the one to tell; committing what was read may fail for the same reason.
    await result('failed', describe(error)).catch(() => undefined);
    throw error;
  } finally {
    for (const ahead of aheads) ahead.close();
  }
}

/** Nobody knows to the second when the API drops a row: the last day of its time says nothing of deletions. */
const EXPIRY_MARGIN_SECONDS = 86_400;

/** What a run of these options would do, without a request. */
export async function planOf(
  source: Pick<CompletionSource, 'name' | 'scope' | 'retentionSeconds'>,
  warehouse: Pick<Warehouse, 'readCoverage' | 'readGaps'>,
  options: Pick<SyncOptions, 'cutoff' | 'until' | 'isExplicit' | 'reread'>,
  now: UnixSeconds,
): Promise<Plan> {
  return planRun({
    ...options,
    now,
    coverage: await warehouse.readCoverage(source.name, source.scope),
    gaps: await warehouse.readGaps(source.name, source.scope),
    retentionSeconds: source.retentionSeconds,
  });
}

interface Sightings {
  /** Date header of the first page; the run's own start before. */
  serverTime: UnixSeconds;
  isServerTimeSeen: boolean;
  /** The latest Date header; 0 before. */
  latestServerTime: number;
  newest: Checkpoint | null;
  isListEmpty: boolean;
  oldestSeenAt: UnixSeconds | null;
  oldestServedAt: UnixSeconds | null;
}

function newSightings(now: UnixSeconds): Sightings {
  return {
    serverTime: now,
    isServerTimeSeen: false,
    latestServerTime: 0,
    newest: null,
    isListEmpty: false,
    oldestSeenAt: null,
    oldestServedAt: null,
  };
}

function noteSightings(seen: Sightings, page: Page, now: UnixSeconds): void {
  seen.latestServerTime = Math.max(seen.latestServerTime, page.serverTime ?? 0);
  // A row of the far future would be the newest for ever.
  const newestPossible = Math.max(now, seen.latestServerTime) + 86_400;
  if (!seen.isServerTimeSeen && page.serverTime !== null) {
    seen.serverTime = page.serverTime;
    seen.isServerTimeSeen = true;
  }
  for (const { id, createdAt, rejection } of page.items.filter(isPlaced)) {
    if (rejection !== null) continue;
    if (createdAt <= newestPossible && createdAt > (seen.newest?.lastSyncedAt ?? -1)) {
      seen.newest = { lastSyncedId: id, lastSyncedAt: createdAt };
    }
    if (seen.oldestSeenAt === null || createdAt < seen.oldestSeenAt) seen.oldestSeenAt = createdAt;
  }
}

/** For `status`: a run that did not come to the end of the list asks once what lies there. */
async function lookForOldest(context: FillContext, seen: Sightings): Promise<void> {
  if (seen.oldestSeenAt === null) return;
  const seenAt = seen.oldestSeenAt;
  const oldest = await fetchOldest(context);
  if (typeof oldest === 'number' && oldest <= seenAt) seen.oldestServedAt = oldest;
}

/** The newest row of a landed run becomes the checkpoint, unless an earlier run landed a newer one. */
async function newCheckpoint(
  warehouse: Warehouse,
  source: string,
  newest: Checkpoint | null,
): Promise<Checkpoint | null> {
  const held = await warehouse.readCheckpoint(source);
  if (newest === null) return null;
  return held !== null && held.lastSyncedAt > newest.lastSyncedAt ? null : newest;
}

/** What stays unproven: by the coverage in the warehouse and what the last commit is about to add to it. */
async function openSeconds(
  { source, scope, warehouse, loader, settledUntil, present }: FillContext,
  plan: Plan,
): Promise<{ seconds: number; gaps: readonly Gap[] }> {
  // What expired while the run walked is out of its reach; what had expired before is counted by its gap.
  const keptFrom = source.retentionSeconds === null ? 0 : present() - source.retentionSeconds;
  const settled = range(plan.range.from, Math.min(plan.range.to, settledUntil()));
  if (settled === null) return { seconds: 0, gaps: [] };
  const coverage = union(await warehouse.readCoverage(source.name, scope), loader.pending.covered);
  // Stretches that this run did not try, as they were given up on before, are not its to report.
  const open = intersectionOf(holes(coverage, settled), plan.holes);
  const held = await warehouse.readGaps(source.name, scope);
  const isReplaced = (gap: Gap) =>
    loader.pending.gaps.some(({ kind, from, to }) => kind === gap.kind && from === gap.from && to === gap.to);
  const all = [...held.filter((gap) => !isReplaced(gap)), ...loader.pending.gaps];
  const gaps = all.filter((gap) => intersectionOf([gap], open).length > 0).sort((a, b) => a.from - b.from);
  const kept = open.flatMap(({ from, to }) => range(Math.max(from, keptFrom), to) ?? []);
  return { seconds: countSeconds(union(kept, intersectionOf(gaps, open))), gaps };
}

function intersectionOf(coverage: Coverage, stretches: readonly SecondRange[]): Coverage {
  return stretches.flatMap((stretch) => intersection(coverage, stretch));
}

function describe(error: unknown): string {
  // Only our own messages are known to hold no text of a completion: JSON.parse, for one, quotes what it choked on.
  if (error instanceof TokenhouseError) return `${error.name}: ${error.message}`;
  return error instanceof Error ? `unexpected ${error.name}` : 'unknown error';
}
