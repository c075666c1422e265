/** `tokenhouse runs`: what ran when, and what came of it. */
import { EXIT } from '../../errors.ts';
import { type SeenRun, seenRun } from '../../health/seen-run.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { type Row, write, writeJson } from '../output.ts';
import { durationText } from '../progress.ts';
import { addListOptions, knownSource, openOf, type ReadOptions } from '../read-options.ts';
import { elapsedSeconds, runObject } from '../status-report.ts';
import { runStatusText, timeText } from '../status-text.ts';
import { renderTable } from '../table.ts';

interface RunsOptions extends ReadOptions {
  readonly source?: string;
  readonly limit: number;
}

export const runs: CommandDefinition = {
  name: 'runs',
  examples: [
    ['tokenhouse runs', 'the last 20 runs'],
    ['tokenhouse runs --source prod --limit 5', 'the last five of one source'],
    ["tokenhouse runs --json | jq '.[0].status'", 'how the last one ended'],
  ],
  define(command, run) {
    addListOptions(command, 20)
      .description(
        'List runs, newest first: landed, interrupted or failed. One whose process was killed shows as "interrupted, ' +
          'process gone" at once, and as abandoned when the next run of its source has begun, which goes on where it was.',
      )
      .action(() => run((context) => start(context, command.opts<RunsOptions>())));
  },
};

async function start(context: CommandContext, options: RunsOptions): Promise<number> {
  await using warehouse = await openOf(context, options);
  const source = await knownSource(warehouse, options.source);
  const held = await warehouse.listRuns({ source, limit: options.limit });
  const listed = held.map((run) => seenRun(run, true));
  if (context.json) await writeJson(context.stdout, listed.map(runObject));
  else if (listed.length === 0) await write(context.stdout, 'no runs\n');
  else await write(context.stdout, tableOf(listed, { lines: context.isTty, color: context.color }));
  return EXIT.landed;
}

function tableOf(listed: readonly SeenRun[], style: { lines: boolean; color: boolean }): string {
  const number = (key: string, title?: string) =>
    ({ key, align: 'right', ...(title === undefined ? {} : { title }) }) as const;
  const columns = [
    { key: 'started' },
    { key: 'source' },
    { key: 'kind' },
    { key: 'status' },
    number('took'),
    number('read', 'rows read'),
    number('new'),
    number('changed'),
    number('rejected'),
    number('requests'),
    number('unproven', 'unproven s'),
    { key: 'error' },
  ];
  return renderTable(columns, listed.map(rowOf), style);
}

function rowOf(run: SeenRun): Row {
  const elapsed = elapsedSeconds(run);
  return {
    started: timeText(run.startedAt),
    source: run.source,
    kind: run.kind,
    status: runStatusText(run),
    took: elapsed === null ? null : durationText(Math.round(elapsed)),
    read: run.rowsRead,
    new: run.rowsInserted,
    changed: run.rowsUpdated,
    rejected: run.rowsRejected,
    requests: run.requests,
    unproven: run.unprovenSeconds,
    error: run.error,
  };
}
