/** How far a run is: a line that is written over on a terminal, a log event every ten seconds anywhere else. */
import type { Log } from '../log.ts';
import type { UnixSeconds } from '../sync/ports.ts';
import type { StatusLine } from './status-line.ts';

export interface ProgressState {
  /** What is running: the source's name. */
  readonly label: string;
  readonly rows: number;
  readonly pages: number;
  /** The second the walk has come down to; null: none yet. */
  readonly reachedAt: UnixSeconds | null;
  /** At work side by side. */
  readonly walkers: number;
  /** Share of the seconds to be filled that is filled, 0 to 1; null: not known. */
  readonly share: number | null;
}

export interface Progress {
  /** As often as one likes; what is shown changes a few times a second. */
  update(state: ProgressState): void;
  /** Takes the line away. */
  end(): void;
}

const DRAW_EVERY_MS = 125;
const LOG_EVERY_MS = 10_000;
/** An estimate from less than this is a guess. */
const ESTIMATE_AFTER_MS = 2_000;

/**
 * @param line the terminal's; null: there is none, so it is logged.
 * @param nowMs a clock; only differences count.
 */
export function createProgress(line: StatusLine | null, log: Log, nowMs: () => number): Progress {
  const startedMs = nowMs();
  let toldMs = line === null ? startedMs : Number.NEGATIVE_INFINITY;
  return {
    update(state) {
      const now = nowMs();
      if (now - toldMs < (line === null ? LOG_EVERY_MS : DRAW_EVERY_MS)) return;
      toldMs = now;
      if (line === null) log.info(progressFields(state, now - startedMs), 'progress');
      else line.show(progressText(state, now - startedMs));
    },
    end: () => line?.show(null),
  };
}

/** @param elapsedMs since the start of the run. */
export function progressText(state: ProgressState, elapsedMs: number): string {
  const { rowsPerSecond, secondsLeft } = progressFields(state, elapsedMs);
  const parts = [
    state.label,
    `${grouped(state.rows)} rows`,
    `${grouped(state.pages)} pages`,
    `${grouped(rowsPerSecond)} rows/s`,
    ...(state.walkers > 1 ? [`${state.walkers} walkers`] : []),
    ...(state.reachedAt === null ? [] : [`at ${utcText(state.reachedAt)}`]),
    ...(state.share === null ? [] : [`${Math.floor(state.share * 100)}%`]),
    ...(secondsLeft === null ? [] : [`${durationText(secondsLeft)} left`]),
  ];
  return parts.join(' · ');
}

interface ProgressFields {
  readonly source: string;
  readonly rows: number;
  readonly pages: number;
  readonly rowsPerSecond: number;
  readonly walkers: number;
  readonly reachedAt: string | null;
  readonly secondsLeft: number | null;
}

function progressFields(state: ProgressState, elapsedMs: number): ProgressFields {
  const { share } = state;
  const canTell = share !== null && share > 0 && elapsedMs >= ESTIMATE_AFTER_MS;
  return {
    source: state.label,
    rows: state.rows,
    pages: state.pages,
    rowsPerSecond: elapsedMs > 0 ? Math.round(state.rows / (elapsedMs / 1_000)) : 0,
    walkers: state.walkers,
    reachedAt: state.reachedAt === null ? null : utcText(state.reachedAt),
    secondsLeft: canTell ? Math.max(0, Math.round((elapsedMs / share - elapsedMs) / 1_000)) : null,
  };
}

/** `2026-11-01 12:00:00Z`. */
export function utcText(second: UnixSeconds): string {
  return new Date(second * 1_000).toISOString().replace('T', ' ').replace('.000', '');
}

/** `45 s`, `12 min`, `3 h 20 min`. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Always with commas: the numbers of a run should not change with the machine's language. */
export const grouped = (value: number): string => value.toLocaleString('en-US');
