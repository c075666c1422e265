/** What is known of each source: read from the warehouse, then seen at some moment with the settings beside it. */
import { isScopeOf } from '../source/endpoint.ts';
import type { SourceSettings } from '../source/settings.ts';
import type { Gap, GapKind, SecondRange, UnixSeconds } from '../sync/ports.ts';
import { listLanded, listScopes, type ScopeState } from '../warehouse/read/look-up.ts';
import type { RunState, SourceState } from '../warehouse/read/read-state.ts';
import type { WarehouseFile } from '../warehouse/warehouse-file.ts';
import { type SeenRun, seenRun } from './seen-run.ts';
import { healthOf, type SourceHealth } from './source-health.ts';

/** One source as the warehouse has it. It does not age: what the time has to do with it is for {@link statusesOf}. */
export interface SourceReading {
  readonly held: SourceState;
  readonly scope: ScopeState | null;
  /** Of the current scope, as are the gaps. */
  readonly coverage: readonly SecondRange[];
  /** Open ones, ascending. */
  readonly gaps: readonly Gap[];
  /** Newest first. */
  readonly runs: readonly RunState[];
  /** When its last run landed, ISO 8601, UTC; null: none has. */
  readonly lastLandedAt: string | null;
}

export interface GapCount {
  readonly kind: GapKind;
  readonly gaps: number;
  readonly seconds: number;
  readonly rowsMissingEstimate: number;
}

export interface SourceStatus {
  readonly source: string;
  /** null: the settings of the sources cannot be read, as without a key. */
  readonly isConfigured: boolean | null;
  /** Days the API keeps a completion, `none`: for ever; null: not known, as above. */
  readonly retentionDays: number | 'none' | null;
  /** null: it was never synced, and neither are the three below known. */
  readonly held: SourceState | null;
  readonly scope: ScopeState | null;
  readonly health: SourceHealth | null;
  readonly lastLandedAt: string | null;
  /** Seconds since the newest completion of the last landed run. */
  readonly checkpointAgeSeconds: number | null;
  /** The settings list something else than the newest run did: the next one starts from nothing. */
  readonly isScopeChanged: boolean;
  /** Open ones, of the current scope. */
  readonly gaps: readonly GapCount[];
  /** Newest first. */
  readonly runs: readonly SeenRun[];
}

export interface StatusMoment {
  /** null: they cannot be read. */
  readonly configured: readonly SourceSettings[] | null;
  readonly settleSeconds: number;
  readonly now: UnixSeconds;
  /** See `seenRun`; false unless given. */
  readonly isOpened?: boolean;
}

/** Every source that is held. @param runs newest runs of each. */
export async function readSources(warehouse: WarehouseFile, runs: number): Promise<readonly SourceReading[]> {
  const states = await warehouse.listSources();
  const scopes = await listScopes(warehouse);
  const landed = await listLanded(warehouse);
  const readings: SourceReading[] = [];
  for (const held of states) {
    const { source } = held;
    const scope = scopes.find((one) => one.source === source) ?? null;
    readings.push({
      held,
      scope,
      coverage: scope === null ? [] : await warehouse.readCoverage(source, scope.scope),
      gaps: scope === null ? [] : await warehouse.readGaps(source, scope.scope),
      runs: await warehouse.listRuns({ source, limit: runs }),
      lastLandedAt: landed.get(source) ?? null,
    });
  }
  return readings;
}

/** Every source that is held, and those that are configured and were never synced. Pure. */
export function statusesOf(
  readings: readonly SourceReading[],
  moment: StatusMoment,
): readonly SourceStatus[] {
  const never = (moment.configured ?? []).filter(
    ({ name }) => !readings.some(({ held }) => held.source === name),
  );
  return [...readings.map((reading) => heldStatus(reading, moment)), ...never.map(neverSynced)];
}

function heldStatus(
  reading: SourceReading,
  { configured, settleSeconds, now, isOpened = false }: StatusMoment,
): SourceStatus {
  const { held, scope, coverage, gaps } = reading;
  const { source } = held;
  const settings = configured?.find(({ name }) => name === source) ?? null;
  const retentionDays = settings === null ? null : (settings.retentionDays ?? 'none');
  const kinds = [...new Set(gaps.map(({ kind }) => kind))];
  return {
    source,
    isConfigured: configured === null ? null : settings !== null,
    retentionDays,
    held,
    scope,
    health: healthOf({
      now,
      settleSeconds,
      retentionSeconds: typeof retentionDays === 'number' ? retentionDays * 86_400 : null,
      coverage,
      gaps,
      oldestServedAt: scope?.oldestServedAt ?? null,
    }),
    lastLandedAt: reading.lastLandedAt,
    checkpointAgeSeconds: held.lastSyncedAt === null ? null : now - Date.parse(held.lastSyncedAt) / 1000,
    isScopeChanged: settings !== null && scope !== null && !isScopeOf(scope.scope, settings),
    gaps: kinds.map((kind) => {
      const same = gaps.filter((gap) => gap.kind === kind);
      const sum = (of: (gap: (typeof gaps)[number]) => number) => same.reduce((all, gap) => all + of(gap), 0);
      return {
        kind,
        gaps: same.length,
        seconds: sum(({ from, to }) => to - from + 1),
        rowsMissingEstimate: sum((gap) => gap.rowsMissingEstimate ?? 0),
      };
    }),
    runs: reading.runs.map((run) => seenRun(run, isOpened)),
  };
}

const neverSynced = ({ name, retentionDays }: SourceSettings): SourceStatus => ({
  source: name,
  isConfigured: true,
  retentionDays: retentionDays ?? 'none',
  held: null,
  scope: null,
  health: null,
  lastLandedAt: null,
  checkpointAgeSeconds: null,
  isScopeChanged: false,
  gaps: [],
  runs: [],
});
