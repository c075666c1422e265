/**
 * `npm run bench`: speed and memory of the main job, each figure a ratio within this run where it can be one. The emulator and
 * what is measured are processes of their own. Nothing is asserted; `figures.test.ts` holds what no machine changes.
 *
 * Parts: `a` a first sync against DuckDB's bulk load and against the loop every SDK has (`g`), `b` what a run adds to the server's
 * time, `c` ties, `d` requests, bytes and statements, `e` new rows in a warehouse of many and questions to it (`h`), `f` memory,
 * `i` beside dlt, where its script is there, `k` walkers side by side.
 *
 * | option | |
 * |---|---|
 * | `--only a,b` | these parts |
 * | `--quick` | smaller, under a minute, without `i` |
 * | `--load-rows`, `--latency-rows`, `--ties-rows`, `--held-rows`, `--memory-rows` | other sizes; the last two are `fewer,more` |
 * | `--json` | JSON in place of the table |
 * | `--out FILE` | JSON into a file as well |
 * | `--save` | keeps the figures in figures.json; full sizes only |
 *
 * Every run tells, on stderr, which figures are worse than the kept ones by more than a fifth, and which miss what is wanted.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { countFigures } from './counts.ts';
import { type Figures, figuresTable, judged, keep, keptFigures } from './figures.ts';
import { measureHeld } from './measure-held.ts';
import { measureLatency } from './measure-latency.ts';
import { measureLoad } from './measure-load.ts';
import { measureMemory } from './measure-memory.ts';
import { measurePeer } from './measure-peer.ts';
import { measureTies } from './measure-ties.ts';
import { measureWalkers } from './measure-walkers.ts';
import { FULL, QUICK, type Sizes } from './sizes.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    save: { type: 'boolean', default: false },
    'load-rows': { type: 'string' },
    'latency-rows': { type: 'string' },
    'ties-rows': { type: 'string' },
    'held-rows': { type: 'string' },
    'memory-rows': { type: 'string' },
  },
});

const PARTS: Readonly<Record<string, (sizes: Sizes) => Promise<Figures>>> = {
  ag: measureLoad,
  b: measureLatency,
  c: measureTies,
  d: countFigures,
  eh: measureHeld,
  f: measureMemory,
  i: measurePeer,
  k: measureWalkers,
};

const base = values.quick ? QUICK : FULL;
const one = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text);
const two = (text: string | undefined, otherwise: Sizes['heldRows']): Sizes['heldRows'] => {
  const [fewer, more] = text?.split(',').map(Number) ?? [];
  return fewer === undefined || more === undefined ? otherwise : [fewer, more];
};
const sizes: Sizes = {
  ...base,
  loadRows: one(values['load-rows'], base.loadRows),
  latencyRows: one(values['latency-rows'], base.latencyRows),
  tiesRows: one(values['ties-rows'], base.tiesRows),
  heldRows: two(values['held-rows'], base.heldRows),
  memoryRows: two(values['memory-rows'], base.memoryRows),
};
const isFull = JSON.stringify(sizes) === JSON.stringify(FULL);
if (values.save && !isFull) throw new Error('--save keeps the figures of full sizes only');

const wanted = values.only?.split(',') ?? Object.keys(PARTS).filter((name) => !values.quick || name !== 'i');
const letters = Object.keys(PARTS).join('');
if (wanted.some((part) => part === '' || !letters.includes(part)))
  throw new Error(`--only: parts of ${letters}`);
const figures: Record<string, Figures[string]> = {};
for (const [name, measure] of Object.entries(PARTS)) {
  if (!wanted.some((part) => name.includes(part))) continue;
  const started = performance.now();
  Object.assign(figures, await measure(sizes));
  process.stderr.write(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}

const kept = keptFigures();
const json = `${JSON.stringify(figures, null, 2)}\n`;
if (values.out !== undefined) writeFileSync(values.out, json);
process.stdout.write(values.json ? json : `${figuresTable(figures, kept)}\n`);
const { worse, missed } = judged(figures, kept);
const list = (names: readonly string[]): string => (names.length === 0 ? 'none' : names.join(', '));
if (!isFull) process.stderr.write('Smaller than the kept figures are taken at: held against them roughly.\n');
process.stderr.write(
  `Worse than kept by more than a fifth: ${list(worse)}\nMiss what is wanted: ${list(missed)}\n`,
);
if (values.save) keep(figures);
