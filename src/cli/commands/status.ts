/** `tokenhouse status`: how far each source is copied, what is missing, and how soon the API forgets it. */
import { resolve } from 'node:path';
import { CommanderError, Option } from 'commander';
import type { Config, LocalConfig } from '../../config.ts';
import { CHECK_EXIT, EXIT, SettingsError } from '../../errors.ts';
import { type CopyHealth, copyObject } from '../../health/copy-health.ts';
import { copyNote } from '../../health/copy-note.ts';
import { readSources, statusesOf } from '../../health/source-status.ts';
import { readFailedImport } from '../../run/failed-import.ts';
import { readProgress } from '../../run/run-progress.ts';
import { nowOf } from '../../run/run-source.ts';
import { warehouseBytes } from '../../warehouse/engine/size.ts';
import { statement } from '../../warehouse/engine/statements.ts';
import { countUnreadItems } from '../../warehouse/read/look-up.ts';
import type { WarehouseFile } from '../../warehouse/warehouse-file.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { openCopy, openForStatus } from '../open-published.ts';
import { wholeNumber } from '../options.ts';
import { write, writeJson } from '../output.ts';
import { type ReadOptions, waitOption } from '../read-options.ts';
import { tellCheck } from '../status-check.ts';
import { runningObject, statusObject } from '../status-report.ts';
import { counted, legend, runningText, sizeText, statusLines, timeText } from '../status-text.ts';
import { wrapped } from '../wrap.ts';

interface StatusOptions extends ReadOptions {
  readonly check?: boolean;
  readonly runs: number;
}

export const status: CommandDefinition = {
  name: 'status',
  examples: [
    ['tokenhouse status', 'coverage, gaps, last runs and what expires next, of every source'],
    ['tokenhouse status --json', 'the same for a script'],
    [
      "tokenhouse status --json | jq '.sources[].days_until_oldest_unread_expires'",
      'days left to sync; null: nothing unread expires',
    ],
    ['tokenhouse status --check', 'one line and an exit code, for monitoring'],
  ],
  define(command, run) {
    command
      .description('Show how far each source is copied. Reads the warehouse only: no request, no key needed.')
      .addOption(
        new Option('--runs <n>', 'last runs shown of each source')
          .default(5)
          .argParser(wholeNumber(0, 1_000)),
      )
      .addOption(
        new Option(
          '--check',
          'one line and an exit code instead: 0 fresh and whole, 1 stale (ALERT_AFTER_HOURS), 2 gaps, 3 expiry near ' +
            '(ALERT_EXPIRY_DAYS), 4 not known, as it cannot be read. Of several the worst: 4, 3, 1, 2',
        ),
      )
      .addOption(waitOption())
      .exitOverride((error) => {
        const isCheck = command.opts<StatusOptions>().check === true && error.exitCode !== 0;
        // A wrong flag must not look like a gap.
        throw isCheck ? new CommanderError(CHECK_EXIT.unknown, error.code, error.message) : error;
      })
      .action(() => {
        const options = command.opts<StatusOptions>();
        return options.check === true
          ? run((context) => check(context, options), CHECK_EXIT.unknown)
          : run((context) => start(context, options));
      });
  },
};

function check(context: CommandContext, options: StatusOptions): Promise<number> {
  return tellCheck(context, async () => {
    const { local, statuses, copy, unreadItems } = await read(context, { ...options, runs: 0 });
    const { jobs, alerts } = local;
    return {
      statuses,
      unreadItems,
      copy,
      rhythm: { afterHours: alerts.afterHours, cron: jobs.syncCron, timeZone: jobs.timeZone },
      expiryDays: alerts.expiryDays,
      nowMs: context.now(),
    };
  });
}

/** What the warehouse says, or the copy of it while a run has it open; then closed again. */
async function read(context: CommandContext, options: StatusOptions) {
  const { local, sources } = settingsOf(context, options);
  const { warehouse: opened, publication, copy } = await openForStatus(context, local, options);
  await using warehouse = opened;
  const statuses = statusesOf(await readSources(warehouse, options.runs), {
    configured: sources,
    settleSeconds: local.sync.settleMinutes * 60,
    now: nowOf({ nowMs: context.now }),
    isOpened: publication === null,
  });
  const unreadItems = new Map<string, number>();
  for (const { source, held } of statuses) {
    if (options.check === true && (held?.rejected ?? 0) > 0)
      unreadItems.set(source, await countUnreadItems(warehouse, source));
  }
  return {
    local,
    statuses,
    unreadItems,
    publication,
    copy: copy ?? (await copyBeside(context, local, warehouse)),
  };
}

async function start(context: CommandContext, options: StatusOptions): Promise<number> {
  const { local, statuses, publication, copy } = await read(context, options);
  const path = resolve(local.warehouse.path);
  const bytes = warehouseBytes(path);
  // Who could open the warehouse knows that nobody is at it.
  const failedImport = readFailedImport(path);
  const running = publication === null ? [] : await readProgress(path, context.now());
  if (context.json) {
    await writeJson(context.stdout, {
      warehouse: path,
      bytes,
      // null: as it is now.
      as_of: publication?.publishedAt ?? null,
      running: running.map(runningObject),
      publish_to: local.publish.to === null ? null : resolve(local.publish.to),
      // null: there is none yet.
      published_copy: copyObject(copy),
      // null: it did not fail, or there was none.
      failed_price_import:
        failedImport === null
          ? null
          : { tried_at: new Date(failedImport.triedAtMs).toISOString(), reason: failedImport.reason },
      sources: statuses.map(statusObject),
    });
    return EXIT.landed;
  }
  const style = { blocks: context.isTty, color: context.color, columns: context.columns };
  const blocks = statuses.map((one) => statusLines(one, style).join('\n'));
  const head = `${path}  ${sizeText(bytes)}, ${counted(statuses.length, 'source')}`;
  const foot = statuses.some(({ health }) => health !== null) ? [legend(style)] : [];
  const asOf =
    publication === null
      ? []
      : [
          `As of ${timeText(publication.publishedAt)}, from the published copy: a run has the warehouse open (--wait waits for it).`,
        ];
  const runs = running.map(runningText);
  const copies = local.publish.to === null ? [] : [copyText(resolve(local.publish.to), copy)];
  const imports =
    failedImport === null
      ? []
      : [
          `Prices were not imported at ${timeText(new Date(failedImport.triedAtMs).toISOString())}, and are as they were: ${failedImport.reason}`,
        ];
  const wrap = (text: string): string => wrapped(text, context.columns, 2);
  const parts = [
    wrap(head),
    ...[...asOf, ...runs].map(wrap),
    ...blocks,
    ...[...copies, ...imports, ...foot].map(wrap),
  ];
  await write(context.stdout, `${parts.join('\n\n')}\n`);
  return EXIT.landed;
}

/** Who has the warehouse open sees what the copy lacks, whether or not somebody has told of it. */
async function copyBeside(
  context: CommandContext,
  local: LocalConfig,
  warehouse: WarehouseFile,
): Promise<CopyHealth | null> {
  const opened = await openCopy(context, local);
  if (opened === null) return null;
  const { copy, publication } = opened;
  await opened.warehouse.close();
  if (copy.isStale) return copy;
  const [change] = (await warehouse.query(statement('publish/last_change'))).rows;
  if (Number(change?.[0] ?? 0) <= publication.changeNumber) return copy;
  const [run] = (await warehouse.query(statement('state/last_run_end'))).rows;
  const endedAt = String(run?.[0] ?? '');
  const isLater = Date.parse(endedAt) > Date.parse(publication.publishedAt);
  return { ...copy, isStale: true, runEndedAt: isLater ? endedAt : null };
}

function copyText(to: string, copy: CopyHealth | null): string {
  if (copy === null) return `Published copy: none yet (${to}); \`tokenhouse publish\` makes it`;
  const note = copyNote(copy);
  return note === null
    ? `Published copy: ${to}, of ${timeText(copy.publishedAt)}`
    : `${note.replace(/^t/, 'T')} (${to})`;
}

/** Without a key the sources cannot be known; what is held can be shown all the same. */
function settingsOf(
  context: CommandContext,
  { wait }: StatusOptions,
): { local: LocalConfig; sources: Config['sources'] | null } {
  const flags = wait === undefined ? {} : { WAIT_SECONDS: String(wait) };
  const local = context.localConfig(flags);
  try {
    return { local, sources: context.config(flags).sources };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return { local, sources: null };
  }
}
