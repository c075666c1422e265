/** Part `i`: beside dlt, by a script that is no part of the project: not run where it is missing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Figure, type Figures, higher, lower } from './figures.ts';

const root = join(import.meta.dirname, '..', '..');
const SCRIPT = join(root, '..', 'shared', 'bench', 'run.sh');

interface Round {
  readonly seconds: number;
  readonly megabytes: number;
}

/** Lines such as `th1 9.13 402112 …`: label and round, seconds, peak KiB; of `bulk1 0.58 s …` the seconds alone. */
export function roundsOf(lines: readonly string[]): ReadonlyMap<string, readonly Round[]> {
  const rounds = new Map<string, Round[]>();
  for (const line of lines) {
    const [, label, seconds, kilobytes] = /^([a-z]+(?:50_)?)\d ([\d.]+) (\d+|s)\b/.exec(line) ?? [];
    if (label === undefined || seconds === undefined) continue;
    const megabytes = kilobytes === 's' ? Number.NaN : Number(kilobytes) / 1024;
    rounds.set(label, [...(rounds.get(label) ?? []), { seconds: Number(seconds), megabytes }]);
  }
  return rounds;
}

export function peerFigures(lines: readonly string[]): Figures {
  const rounds = roundsOf(lines);
  const best = (label: string, of: keyof Round): number =>
    Math.min(...(rounds.get(label) ?? []).map((round) => round[of]));
  const ratio = (a: number, b: number, make: (value: number) => Figure): Figure =>
    Number.isFinite(a) && Number.isFinite(b) ? make(a / b) : { ...make(1), value: null };
  return {
    peer_seconds_over_ours: ratio(best('dlt', 'seconds'), best('th', 'seconds'), (value) =>
      higher(value, { unit: 'ratio of rows/s', wanted: 2 }),
    ),
    peer_seconds_over_ours_without_publishing: ratio(
      best('dlt', 'seconds'),
      best('nopub', 'seconds'),
      (value) => higher(value, { unit: 'ratio of rows/s', wanted: 2 }),
    ),
    ours_over_peer_at_50_ms: ratio(best('th50_', 'seconds'), best('dlt50_', 'seconds'), (value) =>
      lower(value, { unit: 'ratio of seconds', wanted: 0.8 }),
    ),
    peak_above_peer: ratio(best('th', 'megabytes') - best('dlt', 'megabytes'), 1, (value) =>
      lower(value, { unit: 'MB', wanted: 50 }),
    ),
    peer_bulk_load_over_ours: ratio(best('bulk', 'seconds'), best('nopub', 'seconds'), (value) =>
      higher(value, { unit: 'ratio of seconds' }),
    ),
  };
}

export async function measurePeer(): Promise<Figures> {
  if (!existsSync(SCRIPT)) return peerFigures([]);
  const child = spawn(SCRIPT, ['50000', '10000'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  await ended;
  return peerFigures(lines);
}
