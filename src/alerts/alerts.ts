/** What is worth waking someone for, after a run; what comes of no run is in overdue.ts. Pure. */
import { TokenhouseError } from '../errors.ts';
import { expiryNear } from '../health/expiry-near.ts';
import type { SourceStatus } from '../health/source-status.ts';
import type { Gap, RunKind } from '../sync/ports.ts';

/**
 * - `run_failed`: a run ended with an error, and nothing tries it again by itself before its next time;
 * - `run_overdue`: none has landed for ALERT_AFTER_HOURS, whatever the cause;
 * - `gap_found`: seconds that could not be proven to be read in full, or expired unread, met for the first time;
 * - `expiry_near`: the API is about to forget seconds that are not covered;
 * - `publish_failed`: what a run has committed is not in the published copy, so its readers do not see it.
 */
export type AlertKind = 'run_failed' | 'run_overdue' | 'gap_found' | 'expiry_near' | 'publish_failed';

/** As it is posted, in JSON, by these names. No key, no URL, no text of a completion. */
export interface Alert {
  /** One line for people; the name is the one Slack and its kin take. */
  readonly text: string;
  readonly kind: AlertKind;
  /** The same for the same trouble: whoever gets it a second time may drop it. Of a failure that repeats, one a day. */
  readonly key: string;
  readonly severity: 'warning' | 'critical';
  /** Several with a comma between them, where one command has run them. */
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Facts by name; counts in the unit of the name, times in ISO 8601. */
  readonly fields: Readonly<Record<string, string | number | null>>;
}

export interface AlertQuestion {
  readonly source: string;
  /** What was run. */
  readonly kind: RunKind;
  /** What ended the run for good; null: nothing did. */
  readonly error: unknown;
  /** Gaps first met by this run. */
  readonly gapsNew: readonly Gap[];
  /** Where the source stands after it; null: it is not known, so nothing is said of expiry. */
  readonly status: Pick<SourceStatus, 'health' | 'held'> | null;
  readonly expiryDays: number;
  readonly nowMs: number;
}

/** In the order of their weight. */
export function alertsOf(question: AlertQuestion): readonly Alert[] {
  return [...failed(question), ...expiring(question), ...foundGaps(question)];
}

function failed({ source, kind, error, nowMs }: AlertQuestion): Alert[] {
  if (error === null) return [];
  const at = iso(nowMs);
  // Only our own messages are known to hold no text of a completion.
  const reason = error instanceof TokenhouseError ? error.message : 'unexpected error; the log says more';
  const name = error instanceof TokenhouseError ? error.name : 'unexpected';
  return [
    {
      text: `Tokenhouse: the ${kind} of ${source} failed: ${reason}`,
      kind: 'run_failed',
      key: `run_failed/${source}/${kind}/${at.slice(0, 10)}`,
      severity: 'critical',
      source,
      at,
      fields: { run_kind: kind, error: name, reason },
    },
  ];
}

function expiring({ source, status, expiryDays, nowMs }: AlertQuestion): Alert[] {
  const health = status?.health ?? null;
  const near = status === null ? null : expiryNear(status, expiryDays);
  if (health === null || near === null) return [];
  const { days } = near;
  const since = iso(near.oldestUnreadAt * 1000);
  const when = days <= 0 ? 'now' : `in ${days.toFixed(1)} days`;
  return [
    {
      text: `Tokenhouse: ${source} has seconds that are not covered and that the API forgets ${when}, the oldest at ${since}: see \`tokenhouse status\``,
      kind: 'expiry_near',
      key: `expiry_near/${source}/${since.slice(0, 10)}`,
      severity: days <= 1 ? 'critical' : 'warning',
      source,
      at: iso(nowMs),
      fields: {
        days_until_expiry: days,
        oldest_uncovered_at: since,
        hole_seconds: health.holeSeconds,
        unread_seconds: health.unreadSeconds,
        expired_seconds: health.expiredSeconds,
      },
    },
  ];
}

function foundGaps({ source, kind, gapsNew, nowMs }: AlertQuestion): Alert[] {
  const [first] = gapsNew.toSorted((a, b) => a.from - b.from || a.to - b.to);
  const last = gapsNew.toSorted((a, b) => a.to - b.to).at(-1);
  if (first === undefined || last === undefined) return [];
  const sum = (of: (gap: Gap) => number): number => gapsNew.reduce((all, gap) => all + of(gap), 0);
  const seconds = sum(({ from, to }) => to - from + 1);
  const missing = Math.round(sum((gap) => gap.rowsMissingEstimate ?? 0));
  const kinds = [...Map.groupBy(gapsNew, (gap) => gap.kind)].map(([name, of]) => `${of.length} ${name}`);
  const gaps = `${gapsNew.length === 1 ? 'a new gap' : `${gapsNew.length} new gaps`} (${kinds.join(', ')})`;
  const of = `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
  const rows = missing > 0 ? `, some ${missing} rows missing` : '';
  return [
    {
      text: `Tokenhouse: ${source} has ${gaps} of ${of}${rows}: see \`tokenhouse gaps\``,
      kind: 'gap_found',
      key: `gap_found/${source}/${first.kind}/${first.from}-${last.to}`,
      severity: 'warning',
      source,
      at: iso(nowMs),
      fields: {
        run_kind: kind,
        gaps: gapsNew.length,
        kinds: kinds.join(', '),
        seconds,
        rows_missing_estimate: missing,
        from: iso(first.from * 1000),
        to: iso(last.to * 1000),
      },
    },
  ];
}

export interface PublishAlertQuestion {
  /** Whose runs were to be published. */
  readonly sources: readonly string[];
  /** In our own words. */
  readonly reason: string;
  readonly nowMs: number;
}

/** The copy is of all sources, so of one that fails again and again there is one alert a day. */
export function publishAlert({ sources, reason, nowMs }: PublishAlertQuestion): Alert {
  const source = sources.join(',');
  const at = iso(nowMs);
  return {
    text: `Tokenhouse: what was read of ${source} could not be published, so readers of the copy do not see it: ${reason.replace(/\.$/, '')}; \`tokenhouse publish\` makes the copy once that is mended`,
    kind: 'publish_failed',
    key: `publish_failed/${at.slice(0, 10)}`,
    severity: 'warning',
    source,
    at,
    fields: { reason },
  };
}

const iso = (ms: number): string => new Date(ms).toISOString().replace('.000', '');
