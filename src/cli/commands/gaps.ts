/** `tokenhouse gaps`: what could not be read, stretches first, then single items. */
import { Option } from 'commander';
import { EXIT } from '../../errors.ts';
import { iso } from '../../run/run-summary.ts';
import { countUnreadItems, listScopes } from '../../warehouse/read/look-up.ts';
import type { GapState, RejectedState } from '../../warehouse/read/read-state.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { write, writeJson } from '../output.ts';
import { utcText } from '../progress.ts';
import { addListOptions, knownSource, openOf, type ReadOptions } from '../read-options.ts';
import { spanText, timeText } from '../status-text.ts';
import { renderTable } from '../table.ts';

interface GapsOptions extends ReadOptions {
  readonly source?: string;
  readonly limit: number;
  readonly all?: boolean;
  readonly check?: boolean;
}

/** A gap of a scope that is no longer listed cannot be filled any more, nor does it concern what is. */
interface ListedGap extends GapState {
  readonly isCurrent: boolean;
}

export const gaps: CommandDefinition = {
  name: 'gaps',
  examples: [
    ['tokenhouse gaps', 'open gaps and rejected items'],
    ['tokenhouse gaps --all --source prod', 'those that were filled since too'],
    ['tokenhouse gaps --check || mail-someone', 'exit code 3 when something is missing'],
    ['tokenhouse query "select raw from sync.rejected" --csv', 'what the rejected items say'],
  ],
  define(command, run) {
    addListOptions(command, 100)
      .description(
        'List what could not be read: seconds not proven to be read in full, and items that were rejected ' +
          '(their text is in sync.rejected). Exits with 0 whatever it lists, unless told to --check.',
      )
      .addOption(new Option('--all', 'resolved gaps too'))
      .addOption(
        new Option(
          '--check',
          'exit with 3 when a gap is open, or a rejected item was not read by a later run either',
        ),
      )
      .action(() => run((context) => start(context, command.opts<GapsOptions>())));
  },
};

async function start(context: CommandContext, options: GapsOptions): Promise<number> {
  await using warehouse = await openOf(context, options);
  const source = await knownSource(warehouse, options.source);
  const { limit } = options;
  const scopes = new Set((await listScopes(warehouse)).map((one) => `${one.source} ${one.scope}`));
  const isCurrent = (gap: GapState): boolean => scopes.has(`${gap.source} ${gap.scope}`);
  const listed = await warehouse.listGaps({ source, limit, openOnly: options.all !== true });
  const found = listed.map((gap) => ({ ...gap, isCurrent: isCurrent(gap) }));
  const rejected = await warehouse.listRejected({ source, limit });
  if (context.json) {
    await writeJson(context.stdout, { gaps: found.map(gapObject), rejected: rejected.map(rejectedObject) });
  } else {
    await tell(context, found, rejected);
    const cut = [found, rejected].some((list) => list.length === limit);
    if (cut) context.note(`no more than ${limit} of each are shown; --limit shows more`);
  }
  if (options.check !== true) return EXIT.landed;
  // Beyond the limit, and of the open ones only, whatever was listed.
  const open = await warehouse.listGaps({ source, limit: 1_000_000, openOnly: true });
  const isMissing = open.some(isCurrent) || (await countUnreadItems(warehouse, source)) > 0;
  return isMissing ? EXIT.unproven : EXIT.landed;
}

async function tell(
  context: CommandContext,
  found: readonly ListedGap[],
  rejected: readonly RejectedState[],
): Promise<void> {
  const style = { lines: context.isTty, color: context.color };
  const gapTable = renderTable(
    [
      { key: 'source' },
      { key: 'kind' },
      { key: 'from' },
      { key: 'span', align: 'right' },
      { key: 'rows', title: 'rows seen', align: 'right' },
      { key: 'missing', title: 'missing (est.)', align: 'right' },
      { key: 'state' },
      { key: 'detail' },
    ],
    found.map((gap) => ({
      source: gap.source,
      kind: gap.kind,
      from: utcText(gap.from),
      span: spanText(gap.to - gap.from + 1),
      rows: gap.rowsSeen,
      missing: gap.rowsMissingEstimate === null ? null : Math.round(gap.rowsMissingEstimate),
      state: stateText(gap),
      detail: gap.detail,
    })),
    style,
  );
  const rejectedTable = renderTable(
    [
      { key: 'source' },
      { key: 'id' },
      { key: 'created' },
      { key: 'reason' },
      { key: 'length', title: 'characters', align: 'right' },
      { key: 'seen', title: 'last seen' },
    ],
    rejected.map((item) => ({
      source: item.source,
      id: item.id,
      created: timeText(item.createdAt),
      reason: item.reason,
      length: item.rawLength,
      seen: timeText(item.lastSeenAt),
    })),
    style,
  );
  await write(context.stdout, found.length === 0 ? 'no gaps\n' : `gaps\n${gapTable}`);
  await write(
    context.stdout,
    rejected.length === 0 ? 'no rejected items\n' : `\nrejected items\n${rejectedTable}`,
  );
}

function stateText({ resolvedAt, isCurrent }: ListedGap): string {
  if (resolvedAt !== null) return `resolved ${timeText(resolvedAt)}`;
  return isCurrent ? 'open' : 'open, of settings no longer used';
}

const gapObject = (gap: ListedGap): object => ({
  source: gap.source,
  scope: gap.scope,
  current: gap.isCurrent,
  kind: gap.kind,
  from: iso(gap.from),
  to: iso(gap.to),
  seconds: gap.to - gap.from + 1,
  rows_seen: gap.rowsSeen,
  rows_missing_estimate: gap.rowsMissingEstimate,
  detail: gap.detail,
  first_seen_at: gap.firstSeenAt,
  last_tried_at: gap.lastTriedAt,
  resolved_at: gap.resolvedAt,
  run_id: gap.runId,
});

const rejectedObject = (item: RejectedState): object => ({
  source: item.source,
  id: item.id,
  created_at: item.createdAt,
  reason: item.reason,
  raw_sha256: item.rawSha256,
  raw_length: item.rawLength,
  run_id: item.runId,
  first_seen_at: item.firstSeenAt,
  last_seen_at: item.lastSeenAt,
});
