/**
 * `npm run bench:reports`: every report over many usage rows on the published copy, as figures. Nothing is asserted.
 *
 * The rows are made in the engine: a month of them, of eight models in three tiers and two sources, with four metadata keys of
 * few and of many values, and published as after a run. `--dir` keeps the files for another time.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readBudgets } from '../../src/analytics/budget-file.ts';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { BY_CHOICES } from '../../src/analytics/report-by.ts';
import type { Report } from '../../src/analytics/report-definition.ts';
import { REPORTS } from '../../src/analytics/reports.ts';
import { type ReportRequest, runReport } from '../../src/analytics/run-report.ts';
import { publishOf } from '../../src/run/publish-run.ts';
import { openWarehouse } from '../../src/warehouse/open.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { makingRows } from './made-rows.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '10000000' },
    memory: { type: 'string', default: '512MB' },
    dir: { type: 'string' },
  },
});
const rowCount = Number(values.rows);
const DAYS = 30;
const NOW = '2026-11-24T15:00:00Z';
const NOW_MS = Date.parse(NOW);

const folder = values.dir ?? (await mkdtemp(join(tmpdir(), 'tokenhouse-bench-')));
const path = join(folder, 'bench.duckdb');
const copyPath = join(folder, 'bench.published.duckdb');
const elapsed = (started: number): number => Math.round(performance.now() - started) / 1000;

/** One statement each. */
const MAKING = [
  ...makingRows({
    rows: rowCount,
    now: NOW,
    days: DAYS,
    source: "case when i % 10 = 0 then 'eu' else 'prod' end",
  }),
  `insert into sync.runs
   select 'bench-' || source, source, 'https://api.example/v1', 'sync', 'landed', 0, 1, timestamptz '${NOW}', timestamptz '${NOW}',
     1, 1, 1, 0, 0, 1, 0, 0, null
   from (values ('prod'), ('eu')) as sources (source)`,
  `insert into sync.coverage
   select source, 'https://api.example/v1', epoch(timestamptz '${NOW}')::bigint - ${DAYS * 86_400}, epoch(timestamptz '${NOW}')::bigint - 1_800
   from (values ('prod'), ('eu')) as sources (source)`,
];

async function make(): Promise<void> {
  const started = performance.now();
  await using warehouse = await openWarehouse({
    path,
    content: 'full',
    waitSeconds: 0,
    memoryLimit: '6GB',
    prices: priceParts(null),
  });
  await warehouse.query("set memory_limit = '6GB'");
  for (const sql of MAKING) await warehouse.query(sql);
  console.log(`${rowCount.toLocaleString('en-US')} completions made in ${elapsed(started)} s`);
}

async function publish(): Promise<void> {
  const started = performance.now();
  const { bytes } = await publishOf(
    {
      warehouse: { path, memoryLimit: '4GB', content: 'full', waitSeconds: 0, pricesFile: null },
      publish: { to: copyPath, content: 'none', spareMinutes: null },
    },
    copyPath,
    { signal: new AbortController().signal },
  );
  console.log(`published in ${elapsed(started)} s: ${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`);
}

const REQUEST: ReportRequest = {
  since: null,
  until: null,
  by: [],
  where: [],
  top: null,
  source: null,
  budget: 1_000,
  nowMs: NOW_MS,
};
/** What a report does not run without. */
const NEEDS: Readonly<Record<string, Partial<ReportRequest>>> = {
  budgets: {
    budgets: readBudgets(
      'group,monthly_usd\nmetadata.team=search,500\nmetadata.customer=c-1,50\nsource=prod,900\n',
    ),
  },
  'what-if': { whatIf: { model: 'gpt-4.1-mini', tier: null, cachedShare: null } },
};

/** The median of some runs after one that warms up, and that first one. */
async function timed(
  warehouse: WarehouseFile,
  report: Report,
  request: ReportRequest,
): Promise<{ readonly first: number; readonly median: number; readonly rows: number }> {
  const times: number[] = [];
  let rows = 0;
  for (let run = 0; run < 4; run += 1) {
    const started = performance.now();
    rows = (await runReport(warehouse, report, request)).rows.length;
    times.push(elapsed(started));
  }
  const [first = 0, ...others] = times;
  return { first, median: others.sort((a, b) => a - b)[1] ?? first, rows };
}

if (!existsSync(path)) await make();
if (!existsSync(copyPath)) await publish();
{
  await using warehouse = await openWarehouse({
    path: copyPath,
    content: 'full',
    waitSeconds: 0,
    readOnly: true,
    memoryLimit: values.memory,
  });
  console.log(
    `${cpus().length} cores, memory limit ${values.memory}, load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  console.log(`${'report'.padEnd(60)}  first s  median s  rows`);
  const groups = BY_CHOICES.map((by) => by.replace('KEY', 'team')).concat('metadata.customer');
  for (const report of REPORTS) {
    const { groupsMax, takesTime, takesWhere, byOwn } = report;
    const asked: readonly Partial<ReportRequest>[] = [
      {},
      // Every group of one report; of the others, one of the rollup, one of completions, one of metadata.
      ...(report.name === 'cost' ? groups : ['model', 'finish_reason', 'metadata.customer'])
        .filter(() => groupsMax > 0)
        .filter((by) => !byOwn.includes(by))
        .map((by) => ({ by: [by] })),
      ...(groupsMax > 1 ? [{ by: ['metadata.team', takesTime ? 'day' : 'source'] }] : []),
      ...(groupsMax > 1 ? [{ by: ['metadata.team', 'metadata.customer'] }] : []),
      ...(takesWhere ? [{ where: ['source=prod'] }, { where: ['metadata.team=search'] }] : []),
    ];
    for (const fields of asked) {
      const { first, median, rows } = await timed(warehouse, report, {
        ...REQUEST,
        ...NEEDS[report.name],
        ...fields,
      });
      const options = [
        ...(fields.by ?? []).map((by) => ` --by ${by}`),
        ...(fields.where ?? []).map((where) => ` --where ${where}`),
      ];
      console.log(
        `${`${report.name}${options.join('')}`.padEnd(60)}  ${first.toFixed(3).padStart(7)}  ${median.toFixed(3).padStart(8)}  ${String(rows).padStart(4)}`,
      );
    }
  }
  console.log(
    `load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
}
if (values.dir === undefined) await rm(folder, { recursive: true, force: true });
