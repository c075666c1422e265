/** What `status --check` finds: whether the sources are fresh and whole, and what is wrong, the worst first. Pure. */
import type { CopyHealth } from './copy-health.ts';
import { copyNote } from './copy-note.ts';
import { expiryNear } from './expiry-near.ts';
import { overdueAtMs, type RunRhythm } from './overdue.ts';
import type { SourceStatus } from './source-status.ts';

/** From the worst on: why in this order stands with CHECK_EXIT. */
const KINDS = ['expiry_near', 'stale', 'gaps'] as const;
type TroubleKind = (typeof KINDS)[number];

export interface Trouble {
  readonly kind: TroubleKind;
  /** null: of the published copy, or of all. */
  readonly source: string | null;
  /** One line without a full stop. */
  readonly reason: string;
}

export interface Check {
  readonly kind: 'ok' | TroubleKind;
  /** The worst first. */
  readonly troubles: readonly Trouble[];
}

export interface CheckQuestion {
  readonly statuses: readonly SourceStatus[];
  /** Items by source that no run could read; a source that has none may be left out. */
  readonly unreadItems: ReadonlyMap<string, number>;
  /** null: there is none, or none is made. */
  readonly copy: CopyHealth | null;
  readonly rhythm: RunRhythm;
  readonly expiryDays: number;
  readonly nowMs: number;
}

export function checkOf(question: CheckQuestion): Check {
  // One that is held and no longer configured is kept, and nobody expects it to be synced.
  const expected = question.statuses.filter(({ isConfigured }) => isConfigured !== false);
  const found = [
    ...(expected.length === 0 ? [stale(null, 'nothing was ever synced')] : []),
    ...expected.flatMap((status) => troublesOf(status, question)),
    ...unpublished(question.copy),
  ];
  const troubles = KINDS.flatMap((kind) => found.filter((one) => one.kind === kind));
  return { kind: troubles[0]?.kind ?? 'ok', troubles };
}

function troublesOf(status: SourceStatus, question: CheckQuestion): readonly Trouble[] {
  const { source } = status;
  const near = expiryNear(status, question.expiryDays);
  const gaps = gapReason(status, question.unreadItems.get(source) ?? 0);
  return [
    ...(near === null
      ? []
      : [
          {
            kind: 'expiry_near' as const,
            source,
            reason: `the API forgets seconds that are not covered ${near.days <= 0 ? 'now' : `in ${near.days.toFixed(1)} days`}, the oldest at ${timeText(near.oldestUnreadAt * 1000)}`,
          },
        ]),
    ...staleness(status, question),
    ...(gaps === null ? [] : [{ kind: 'gaps' as const, source, reason: gaps }]),
  ];
}

const stale = (source: string | null, reason: string): Trouble => ({ kind: 'stale', source, reason });

function staleness({ source, lastLandedAt }: SourceStatus, { rhythm, nowMs }: CheckQuestion): Trouble[] {
  if (lastLandedAt === null) return [stale(source, 'no run has ever landed')];
  const landedAtMs = Date.parse(lastLandedAt);
  if (nowMs <= overdueAtMs(landedAtMs, rhythm)) return [];
  const hours = Math.floor((nowMs - landedAtMs) / 3_600_000);
  return [stale(source, `no run has landed for ${hours} h, since ${timeText(landedAtMs)}`)];
}

function gapReason({ gaps }: SourceStatus, unreadItems: number): string | null {
  const parts = [
    ...gaps.map(({ kind, gaps: count, seconds }) => `${count} ${kind} of ${seconds} s`),
    ...(unreadItems === 0 ? [] : [`${unreadItems} ${unreadItems === 1 ? 'item' : 'items'} not readable`]),
  ];
  return parts.length === 0 ? null : `open gaps: ${parts.join(', ')}; see \`tokenhouse gaps\``;
}

/** While a run is being published it is no trouble; one that failed to be keeps readers on the old copy until somebody mends it. */
function unpublished(copy: CopyHealth | null): Trouble[] {
  const note = copy?.isStale === true && copy.reason !== null ? copyNote(copy) : null;
  return note === null ? [] : [stale(null, note)];
}

const timeText = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace(/\.\d+/, '');
