/** `tokenhouse backfill`: a stretch of time that a person names, tried in full. */
import { Option } from 'commander';
import type { Config } from '../../config.ts';
import { EXIT, SettingsError } from '../../errors.ts';
import { nowOf, type RunRequest, syncOptionsOf } from '../../run/run-source.ts';
import { iso } from '../../run/run-summary.ts';
import { createSource } from '../../source/client.ts';
import { isScopeOf } from '../../source/endpoint.ts';
import type { SourceSettings } from '../../source/settings.ts';
import { countSeconds } from '../../sync/coverage.ts';
import { type UnixSeconds, unixSeconds } from '../../sync/ports.ts';
import { planOf } from '../../sync/sync.ts';
import { listScopes } from '../../warehouse/read/look-up.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { openForReading } from '../open-for-reading.ts';
import { write, writeJson } from '../output.ts';
import { parseTime } from '../parse-time.ts';
import { grouped, utcText } from '../progress.ts';
import { queueBackfill, workerWithWarehouse } from '../queue-backfill.ts';
import { runAll } from '../run-all.ts';
import { addRunOptions, chosenSources, configOf, type RunOptions } from '../run-options.ts';
import { spanText } from '../status-text.ts';

interface BackfillOptions extends RunOptions {
  readonly since: string;
  readonly until?: string;
  readonly dryRun?: boolean;
  readonly reread?: boolean;
  readonly queue?: boolean;
}

export const backfill: CommandDefinition = {
  name: 'backfill',
  examples: [
    ['tokenhouse backfill --since 2026-10-01', 'all since October, what is held already left out'],
    ['tokenhouse backfill --since 2026-11-01 --until 2026-11-08 --dry-run', 'what that week would cost'],
    ['tokenhouse backfill --since 2026-10-01 --queue', 'the same by a worker, in the background'],
    ['tokenhouse backfill --since 30d --reread', 'read again what is held: edited metadata, very late rows'],
  ],
  define(command, run) {
    command
      .description(
        'Fill a stretch of time, gaps that were given up on included. Goes through the queue by itself when a worker has ' +
          'the warehouse open.',
      )
      .addOption(
        new Option('--since <time>', 'from this date or time, UTC, or age (30d)').makeOptionMandatory(),
      )
      .addOption(
        new Option(
          '--until <time>',
          'up to this one, excluded: 2026-11-08 ends with the 7th; now when left out',
        ),
      )
      .addOption(
        new Option('--dry-run', 'tell what is uncovered and what it would request, and request nothing'),
      )
      .addOption(new Option('--reread', 'read covered seconds again too'))
      .addOption(new Option('--queue', 'have a worker do it').conflicts(['dryRun']));
    addRunOptions(command).action(() => run((context) => start(context, command.opts<BackfillOptions>())));
  },
};

async function start(context: CommandContext, options: BackfillOptions): Promise<number> {
  const config = configOf(context, options);
  const now = nowOf({ nowMs: context.now });
  const since = parseTime(options.since, now, '--since');
  const until = options.until === undefined ? null : parseTime(options.until, now, '--until');
  if (since > now) throw new SettingsError('--since lies in the future');
  if (until !== null && until <= since)
    throw new SettingsError('--until must lie after --since (it is excluded)');
  const request: RunRequest = {
    kind: 'backfill',
    since,
    // The second itself is not asked for; what is planned has its last one.
    until: until === null ? null : unixSeconds(until - 1),
    isExplicit: true,
    reread: options.reread === true,
    withMessages: options.withMessages === true,
  };
  const sources = chosenSources(config, options);
  if (options.dryRun === true) return tellPlan(context, config, sources, request, now);
  const worker = options.queue === true ? null : await workerWithWarehouse(context, config);
  if (options.queue !== true && worker === null) return runAll(context, config, sources, request);
  return queueBackfill(context, config, sources, request, worker);
}

async function tellPlan(
  context: CommandContext,
  config: Config,
  sources: readonly SourceSettings[],
  request: RunRequest,
  now: UnixSeconds,
): Promise<number> {
  // The plan of a source that was never synced is the whole stretch; there need not be a file for that.
  await using warehouse = await openForReading(context, config, { mayBeMissing: true });
  const options = syncOptionsOf(request, config.sync, now);
  const states = (await warehouse?.listSources()) ?? [];
  const scopes = warehouse === null ? [] : await listScopes(warehouse);
  const plans = [];
  for (const settings of sources) {
    const source = createSource(settings, { clock: { nowMs: context.now } });
    const held = warehouse ?? { readCoverage: async () => [], readGaps: async () => [] };
    // Which project would answer is not asked: the last run's answer counts.
    const known = scopes.find((one) => one.source === settings.name)?.scope ?? source.scope;
    const scope = isScopeOf(known, settings) ? known : source.scope;
    const plan = await planOf({ ...source, scope }, held, options, now);
    const uncoveredSeconds = countSeconds(plan.holes);
    const state = states.find((one) => one.source === settings.name);
    const rowsPerSecond =
      state === undefined || state.coveredSeconds === 0 ? null : state.rows / state.coveredSeconds;
    const rowsEstimate = rowsPerSecond === null ? null : Math.round(rowsPerSecond * uncoveredSeconds);
    // One page a hole at the least, and one to look at the list's end.
    const requestsEstimate =
      rowsEstimate === null
        ? null
        : plan.holes.length === 0
          ? 0
          : Math.max(plan.holes.length, Math.ceil(rowsEstimate / config.sync.pageSize)) + 1;
    plans.push({ source: settings.name, plan, uncoveredSeconds, rowsEstimate, requestsEstimate });
  }
  if (context.json) {
    await writeJson(
      context.stdout,
      plans.map(({ source, plan, uncoveredSeconds, rowsEstimate, requestsEstimate }) => ({
        source,
        from: iso(plan.range.from),
        to: iso(plan.range.to),
        uncovered_seconds: uncoveredSeconds,
        holes: plan.holes.map(({ from, to }) => ({ from: iso(from), to: iso(to) })),
        rows_estimate: rowsEstimate,
        requests_estimate: requestsEstimate,
      })),
    );
    return EXIT.landed;
  }
  for (const { source, plan, uncoveredSeconds, rowsEstimate, requestsEstimate } of plans) {
    const guess =
      rowsEstimate === null
        ? 'rows unknown: nothing of this source is held yet'
        : `some ${grouped(rowsEstimate)} rows, ${grouped(requestsEstimate ?? 0)} requests, by the rate held so far`;
    const holes = plan.holes
      .slice(0, 20)
      .map(({ from, to }) => `  ${utcText(from)} to ${utcText(to)}  ${spanText(to - from + 1)}`);
    const more = plan.holes.length > 20 ? [`  and ${grouped(plan.holes.length - 20)} more`] : [];
    await write(
      context.stdout,
      `${[`${source}: ${grouped(uncoveredSeconds)} of ${grouped(plan.range.to - plan.range.from + 1)} seconds uncovered, in ${grouped(plan.holes.length)} ${plan.holes.length === 1 ? 'hole' : 'holes'}; ${guess}`, ...holes, ...more].join('\n')}\n`,
    );
  }
  return EXIT.landed;
}
