/** `tokenhouse prices import` and `export`. */
import type { Provider } from '../../analytics/price-import/detect.ts';
import { SKIP_REASONS, type Skip } from '../../analytics/price-import/parsed-list.ts';
import type { LocalConfig } from '../../config.ts';
import { EXIT, SettingsError } from '../../errors.ts';
import { forgetFailedImport } from '../../run/failed-import.ts';
import { forgetPrices, importPrices, type PriceImport } from '../../run/import-prices.ts';
import { type PublishOutcome, publishAfterRun, publishObject } from '../../run/publish-run.ts';
import { publishExitCode } from '../../run/run-summary.ts';
import type { CommandContext } from '../context.ts';
import { ageNote, openForQuestions } from '../open-published.ts';
import { csvStyle } from '../options.ts';
import { write, writeCsv, writeJson } from '../output.ts';
import { grouped } from '../progress.ts';
import { localConfigOf, type ReadOptions } from '../read-options.ts';
import { counted } from '../status-text.ts';
import { renderFitted } from '../table.ts';
import { wrapped } from '../wrap.ts';
import { type ListOptions, priceObject } from './list.ts';

interface ImportOptions extends ReadOptions {
  readonly from?: string;
  readonly dryRun?: boolean;
  readonly provider: Provider;
}

/** @param list null: PRICES_URL. @throws {SettingsError} when there is none either. */
export async function importList(
  context: CommandContext,
  list: string | null,
  options: ImportOptions,
): Promise<number> {
  const config = localConfigOf(context, options);
  const from = list ?? config.prices.url;
  if (from === null) throw new SettingsError('name a price list, a file or a URL, or set PRICES_URL');
  const dryRun = options.dryRun === true;
  const done = await importPrices(config.warehouse, {
    from,
    provider: options.provider,
    since: options.from ?? null,
    dryRun,
    signal: context.signal,
    nowMs: context.now,
    onWaiting: (pid, file) =>
      context.log.info({ pid, warehouse: file }, 'waiting for the warehouse: another process has it open'),
  });
  if (!dryRun) await forgetFailedImport(config.warehouse.path);
  const published = await publishChanged(context, config, !dryRun && done.added + done.ended > 0);
  if (context.json) {
    await writeJson(context.stdout, { ...importObject(done, dryRun), ...publishObject(published) });
  } else {
    await tell(context, done, dryRun);
    await tellPublished(context, '', published);
  }
  return publishExitCode(published);
}

interface ForgetOptions extends ReadOptions {
  readonly from?: string;
  readonly all?: boolean;
}

export async function forgetImported(context: CommandContext, options: ForgetOptions): Promise<number> {
  if (options.from === undefined && options.all !== true) {
    throw new SettingsError('say from which day on with --from, or --all');
  }
  const config = localConfigOf(context, options);
  const ended = await forgetPrices(config.warehouse, options.from ?? null, {
    nowMs: context.now,
    signal: context.signal,
    onWaiting: (pid, file) =>
      context.log.info({ pid, warehouse: file }, 'waiting for the warehouse: another process has it open'),
  });
  const published = await publishChanged(context, config, ended > 0);
  if (context.json) await writeJson(context.stdout, { rows_ended: ended, ...publishObject(published) });
  else await tellPublished(context, `${counted(ended, 'imported price')} taken out\n`, published);
  return publishExitCode(published);
}

function publishChanged(
  context: CommandContext,
  config: LocalConfig,
  isChanged: boolean,
): Promise<PublishOutcome> {
  return isChanged ? publishAfterRun(config, context.log, context.signal) : Promise.resolve({ kind: 'off' });
}

async function tellPublished(
  context: CommandContext,
  text: string,
  published: PublishOutcome,
): Promise<void> {
  await write(context.stdout, text);
  if (published.kind !== 'failed') return;
  const reason = published.reason.replace(/\.$/, '');
  await write(context.stdout, `not published: ${reason}; \`tokenhouse publish\` tries again\n`);
}

const countOf = ({ changes }: PriceImport, kind: PriceImport['changes'][number]['kind']): number =>
  changes.filter((one) => one.kind === kind).length;

const changeObjects = ({ changes }: PriceImport) =>
  changes
    .filter(({ kind }) => kind !== 'same')
    .map((one) => ({
      change: one.kind,
      model: one.model,
      service_tier: one.serviceTier,
      token_type: one.tokenType,
      min_input_tokens: one.minInputTokens,
      valid_from: one.from,
      usd_per_mtok_before: one.before,
      usd_per_mtok: one.after,
    }));

const skipObject = ({ reason, what, count, names }: Skip) => ({ reason, what, count, names });

function importObject(done: PriceImport, dryRun: boolean): object {
  return {
    dry_run: dryRun,
    list: done.list,
    source_version: done.sourceVersion,
    valid_from: done.since,
    new: countOf(done, 'new'),
    changed: countOf(done, 'changed'),
    same: countOf(done, 'same'),
    rows_added: done.added,
    rows_ended: done.ended,
    rows_not_listed: done.kept,
    changes: changeObjects(done),
    skipped: done.skipped.map(skipObject),
  };
}

const ROWS_MAX = 60;

async function tell(context: CommandContext, done: PriceImport, dryRun: boolean): Promise<void> {
  const say = (text: string) => write(context.stdout, `${wrapped(text, context.columns, 2)}\n`);
  const changes = changeObjects(done);
  if (changes.length > 0) {
    const hasSizes = changes.some((one) => one.min_input_tokens > 0);
    const columns = [
      { key: 'change', isMinor: true },
      { key: 'model' },
      { key: 'service_tier', title: 'tier' },
      { key: 'token_type', title: 'tokens' },
      { key: 'size', title: 'from input tokens', align: 'right', isMinor: !hasSizes },
      { key: 'valid_from', title: 'from', isMinor: true },
      { key: 'usd_per_mtok_before', title: 'before', align: 'right' },
      { key: 'usd_per_mtok', title: 'after', align: 'right' },
    ] as const;
    const rows = changes.slice(0, ROWS_MAX).map((one) => ({
      ...one,
      size: one.min_input_tokens === 0 ? '' : grouped(one.min_input_tokens),
      usd_per_mtok: one.usd_per_mtok ?? 'no price',
    }));
    await say('US dollars a million tokens:');
    await write(
      context.stdout,
      renderFitted(columns, rows, {
        lines: context.isTty,
        color: context.color,
        width: context.columns,
      }),
    );
    if (changes.length > ROWS_MAX)
      await say(`… and ${grouped(changes.length - ROWS_MAX)} more: --json has them all`);
  }
  const [isNew, changed, same] = (['new', 'changed', 'same'] as const).map((kind) =>
    grouped(countOf(done, kind)),
  );
  const rest =
    done.kept === 0
      ? ''
      : `; ${counted(done.kept, 'price')} imported before, and not on this list, ${done.kept === 1 ? 'stays' : 'stay'}`;
  await say(
    `${dryRun ? 'nothing was changed; ' : ''}${done.list}, from ${done.since} (UTC) on: ${isNew} new, ${changed} changed, ${same} the same${rest}`,
  );
  for (const { reason, count, names } of done.skipped) {
    const examples = names.length === 0 ? '' : ` (${names.join(', ')}${count > names.length ? ', …' : ''})`;
    await say(`left out: ${grouped(count)} ${SKIP_REASONS[reason]}${examples}`);
  }
}

/** With `note`: whose price it is. */
const COLUMNS = [
  'model',
  'service_tier',
  'token_type',
  'min_input_tokens',
  'valid_from',
  'valid_to',
  'usd_per_mtok',
  'note',
] as const;

export async function exportPrices(context: CommandContext, options: ListOptions): Promise<number> {
  if (context.json)
    throw new SettingsError('prices export writes CSV: `prices list --json` has the same as JSON');
  const questioned = await openForQuestions(context, options);
  await using warehouse = questioned.warehouse;
  const found = await warehouse.pricesInForce({ models: null, sources: options.source ?? null });
  // What is assumed is in no list, and would be named by one from then on.
  const named = found.filter(({ isAssumed }) => !isAssumed);
  const rows = named.map((price) => ({
    ...priceObject(price),
    note: `${price.source} ${price.sourceVersion}`,
  }));
  await writeCsv(context.stdout, COLUMNS, rows, csvStyle({ rawCsv: options.rawCsv === true }));
  const note = ageNote(questioned);
  if (note !== null) context.note(note);
  return EXIT.landed;
}
