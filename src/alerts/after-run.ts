/** The alerts of one run, with what has to be read from the warehouse for them. */
import { existsSync } from 'node:fs';
import type { AlertSettings, SyncSettings, WarehouseSettings } from '../config.ts';
import { readSources, type SourceReading, statusesOf } from '../health/source-status.ts';
import type { SourceSettings } from '../source/settings.ts';
import { type RunKind, unixSeconds } from '../sync/ports.ts';
import { openWarehouse } from '../warehouse/open.ts';
import type { GapState } from '../warehouse/read/read-state.ts';
import { type Alert, alertsOf } from './alerts.ts';

export interface EndedRun {
  readonly source: SourceSettings;
  readonly kind: RunKind;
  /** By the run's own clock, milliseconds since 1970: gaps first seen since then are new. */
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** What ended it for good; null: it landed, or was interrupted and goes on later. */
  readonly error: unknown;
}

export interface AlertEnvironment {
  readonly alerts: AlertSettings;
  readonly warehouse: WarehouseSettings;
  readonly sync: SyncSettings;
}

/** Gaps that one alert sums up. */
const GAPS_MAX = 10_000;
/** Another run may have begun in the meantime. */
const WAIT_SECONDS_MAX = 5;

/**
 * Reads the warehouse for a moment, through what this process has open where it has.
 *
 * @param onUnread told what kept it from being read: then there is the failure's alert only, if there is one.
 */
export async function alertsAfter(
  run: EndedRun,
  { alerts, warehouse, sync }: AlertEnvironment,
  onUnread: (error: unknown) => void,
): Promise<readonly Alert[]> {
  const { source, kind, startedAtMs, nowMs, error } = run;
  const facts = await read(warehouse, source.name).catch((thrown: unknown) => {
    onUnread(thrown);
    return NOTHING;
  });
  const [status] = statusesOf(facts.readings, {
    configured: [source],
    settleSeconds: sync.settleMinutes * 60,
    now: unixSeconds(Math.floor(nowMs / 1000)),
  });
  return alertsOf({
    source: source.name,
    kind,
    error,
    gapsNew: facts.gaps.filter(({ firstSeenAt }) => Date.parse(firstSeenAt) >= startedAtMs),
    status: status ?? null,
    expiryDays: alerts.expiryDays,
    nowMs,
  });
}

interface Facts {
  readonly readings: readonly SourceReading[];
  readonly gaps: readonly GapState[];
}
const NOTHING: Facts = { readings: [], gaps: [] };

async function read(settings: WarehouseSettings, source: string): Promise<Facts> {
  // A run that failed before it made one.
  if (!existsSync(settings.path)) return NOTHING;
  await using warehouse = await openWarehouse({
    ...settings,
    readOnly: true,
    sharesWriter: true,
    waitSeconds: Math.min(settings.waitSeconds, WAIT_SECONDS_MAX),
  });
  const readings = await readSources(warehouse, 0);
  const gaps = await warehouse.listGaps({ source, limit: GAPS_MAX, openOnly: true });
  return { readings: readings.filter(({ held }) => held.source === source), gaps };
}
