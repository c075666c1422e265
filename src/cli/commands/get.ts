/** `tokenhouse get`: one completion as the API has it, to the character. */
import { Option } from 'commander';
import type { Config, LocalConfig } from '../../config.ts';
import { EXIT, SettingsError, TerminalError } from '../../errors.ts';
import { createSource, type ListedSource } from '../../source/client.ts';
import type { SourceSettings } from '../../source/settings.ts';
import type { Item, PlacedItem } from '../../sync/ports.ts';
import { heldCompletion, heldMessages } from '../../warehouse/read/look-up.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { openForReading } from '../open-for-reading.ts';
import { write } from '../output.ts';
import { localConfigOf, type ReadOptions, waitOption } from '../read-options.ts';
import { chosenSources } from '../run-options.ts';
import { timeText } from '../status-text.ts';
import { refuseExisting, writeWhole } from '../write-file.ts';

interface GetOptions extends ReadOptions {
  readonly source?: string;
  readonly messages?: boolean;
  readonly held?: boolean;
  readonly out?: string;
  readonly force?: boolean;
}

export const get: CommandDefinition = {
  name: 'get',
  examples: [
    ['tokenhouse get chatcmpl-abc123', 'its JSON, as the API sends it'],
    ['tokenhouse get chatcmpl-abc123 --messages --out one.json', 'with the input messages, into a file'],
    ['tokenhouse get chatcmpl-abc123 --held', 'as the warehouse holds it: no request, no key needed'],
  ],
  define(command, run) {
    command
      .description(
        'Print one stored completion as the API has it now, to the character; with --messages as ' +
          '{"completion": …, "messages": […]}. One that the API has forgotten is printed as the warehouse holds it, ' +
          'and stderr says so. Exits with 1 when neither has it.',
      )
      .argument('<id>', 'id of the completion')
      .addOption(new Option('--source <name>', 'the source to ask, when several are configured'))
      .addOption(new Option('--messages', 'the input messages too'))
      .addOption(new Option('--held', 'from the warehouse, without asking the API'))
      .addOption(new Option('--out <file>', 'into this new file, readable by its owner only'))
      .addOption(new Option('--force', 'replace the file of --out'))
      .addOption(waitOption())
      .action((id: string) => run((context) => start(context, id, command.opts<GetOptions>())));
  },
};

async function start(context: CommandContext, id: string, options: GetOptions): Promise<number> {
  const force = options.force === true;
  if (options.out !== undefined) await refuseExisting(options.out, force);
  const text =
    options.held === true ? await fromWarehouse(context, id, options) : await fromApi(context, id, options);
  if (options.out === undefined) await write(context.stdout, `${text}\n`);
  else await writeWhole(options.out, text, force);
  return EXIT.landed;
}

async function fromApi(context: CommandContext, id: string, options: GetOptions): Promise<string> {
  const settings = oneSource(context.config(), options.source);
  const source = createSource(settings, {
    clock: { nowMs: context.now },
    onRetry: (event) => context.log.warn({ source: settings.name, ...event }, 'request failed, trying again'),
  });
  const found = await source.retrieve(id, context.signal);
  if (found.kind === 'found') {
    if (options.messages !== true) return found.raw;
    return joined(found.raw, await messagesOf(source, found.item, context.signal));
  }
  const reason =
    found.kind === 'gone'
      ? `the API does not know ${shown(id)} (source ${settings.name})`
      : `the API of source ${settings.name} cannot tell of single completions`;
  const held = await heldText(context, localConfigOf(context, options), id, settings.name, options);
  if (held === null) {
    throw new TerminalError(
      `${reason}, nor does the warehouse hold it: is it of this project, stored, and not expired or deleted?`,
    );
  }
  context.note(`${reason}; this is the warehouse's copy of ${timeText(held.observedAt)}`);
  return held.text;
}

async function fromWarehouse(context: CommandContext, id: string, options: GetOptions): Promise<string> {
  const local = localConfigOf(context, options);
  const held = await heldText(context, local, id, options.source ?? null, options);
  if (held !== null) return held.text;
  throw new TerminalError(
    `the warehouse does not hold ${shown(id)}: \`tokenhouse sync\` copies what is new, and without --held the API is asked`,
  );
}

async function heldText(
  context: CommandContext,
  local: LocalConfig,
  id: string,
  source: string | null,
  { messages }: GetOptions,
): Promise<{ readonly text: string; readonly observedAt: string } | null> {
  await using warehouse = await openForReading(context, local, { mayBeMissing: true });
  if (warehouse === null) return null;
  const held = await heldCompletion(warehouse, id, source);
  if (held === null) return null;
  const { raw, observedAt } = held;
  if (messages !== true) return { text: raw, observedAt };
  return { text: joined(raw, await heldMessages(warehouse, id, held.source)), observedAt };
}

async function messagesOf(source: ListedSource, item: Item, signal: AbortSignal): Promise<readonly string[]> {
  const { id, createdAt } = item;
  if (id === null || createdAt === null) {
    throw new TerminalError('the completion has no created that can be read: get it without --messages');
  }
  const placed: PlacedItem = { ...item, id, createdAt };
  return (await source.fetchMessages(placed, signal)).map(({ raw }) => raw);
}

function oneSource(config: Config, name: string | undefined): SourceSettings {
  const [first, ...others] = name === undefined ? config.sources : chosenSources(config, { source: [name] });
  if (first !== undefined && others.length === 0) return first;
  const names = config.sources.map((source) => source.name).join(', ');
  throw new SettingsError(`several sources are configured: choose one with --source (${names})`);
}

/** Texts put together as texts, so that none of them changes. */
const joined = (completion: string, messages: readonly string[]): string =>
  `{"completion":${completion},"messages":[${messages.join(',')}]}`;

/** An id as it can be shown: it came from a shell, and may be anything. */
const shown = (id: string): string => (/^[\w.:-]{1,200}$/.test(id) ? id : 'this id');
