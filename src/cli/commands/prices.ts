/** `tokenhouse prices`: what tokens cost, what has no price, and lists of others to take prices from. */
import { type Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { PROVIDERS } from '../../analytics/price-import/detect.ts';
import { PRICES_EXIT } from '../../errors.ts';
import type { CommandDefinition, RunCommand } from '../context.ts';
import { liveOption } from '../open-published.ts';
import { rawCsvOption, wholeNumber } from '../options.ts';
import { type CheckOptions, checkPrices } from '../prices/check.ts';
import { exportPrices, forgetImported, importList } from '../prices/exchange.ts';
import { type ListOptions, listPrices, PRICE_SOURCES } from '../prices/list.ts';
import { waitOption } from '../read-options.ts';

export const prices: CommandDefinition = {
  name: 'prices',
  examples: [
    [
      'tokenhouse prices list gpt-4.1-mini',
      'what its tokens cost, by tier, type, size and day, and whose price it is',
    ],
    ['tokenhouse prices list --source imported --csv', 'all that was imported'],
    ['tokenhouse prices check || mail-someone', 'models in use without a price, and how old the lists are'],
    [
      'tokenhouse prices import model_prices_and_context_window.json --dry-run',
      'what LiteLLM’s list would change',
    ],
    ['tokenhouse prices import https://models.dev/api.json', 'fetched and imported; it holds from today on'],
    ['tokenhouse prices import prices.csv --from 2026-11-01', 'days since then are priced anew'],
    [
      'tokenhouse prices forget --from 2026-11-29',
      'from that day on the list that Tokenhouse ships with holds again',
    ],
    [
      'tokenhouse prices export > prices.csv',
      'all prices in force, as PRICES_FILE and `prices import` take them',
    ],
  ],
  define(command, run) {
    command.description(
      'Show, check, import and export prices. A contract (PRICES_FILE) wins over imported prices, these over the list that Tokenhouse ' +
        'ships with. Nothing is fetched unless a URL is named here or in PRICES_URL.',
    );
    addList(command, run);
    addCheck(command, run);
    addImport(command, run);
    addForget(command, run);
    addExport(command, run);
  },
};

const sourceOption = (): Option =>
  new Option('--source <source...>', 'prices of these only').choices(PRICE_SOURCES);

function addList(parent: Command, run: RunCommand): void {
  const list = parent
    .command('list')
    .description('Show the prices in force: of a model, or of all that any list names.')
    .argument('[model]', 'its name, or a part of names')
    .addOption(sourceOption())
    .addOption(new Option('--csv', 'as CSV'))
    .addOption(rawCsvOption())
    .addOption(liveOption())
    .addOption(waitOption());
  list.action((model: string | undefined) =>
    run((context) => listPrices(context, model ?? null, list.opts<ListOptions>())),
  );
}

function addCheck(parent: Command, run: RunCommand): void {
  const check = parent
    .command('check')
    .description(
      'Tell models and tiers in use that have no price, and how old the lists are. Exits with 0 when all is well, 1 when the last ' +
        'import failed or is too old, 2 when tokens of the last days have no price, 4 when it cannot be told; of several the ' +
        'worst: 4, 2, 1. Prepaid tiers, and tokens that the API did not split, are listed and do not count.',
    )
    .addOption(
      new Option('--days <n>', 'usage of so many days, today included')
        .default(7)
        .argParser(wholeNumber(1, 36_500)),
    )
    .addOption(
      new Option(
        '--max-age <days>',
        'of the last import; 3 where PRICES_URL is set, else it may have any age',
      ).argParser(wholeNumber(0, 36_500)),
    )
    .addOption(liveOption())
    .addOption(waitOption())
    .exitOverride((error) => {
      // A wrong flag must not look like an unpriced model.
      throw error.exitCode === 0 ? error : new CommanderError(PRICES_EXIT.unknown, error.code, error.message);
    });
  check.action(() => run((context) => checkPrices(context, check.opts<CheckOptions>()), PRICES_EXIT.unknown));
}

function addImport(parent: Command, run: RunCommand): void {
  const command = parent
    .command('import')
    .description(
      'Import a price list: LiteLLM’s model_prices_and_context_window.json, genai-prices’ data.json, models.dev’s api.json, or a CSV as ' +
        'PRICES_FILE has it; told by what it holds. It holds from today (UTC) on, so costs of days before do not change. What is not ' +
        'of tokens (fees per search, session or image) and batch prices are left out, and counted.',
    )
    .argument('[list]', 'a file or a URL (PRICES_URL)')
    .addOption(
      new Option('--from <day>', 'it holds from this UTC day on, which changes costs since then').argParser(
        dayOf,
      ),
    )
    .addOption(new Option('--dry-run', 'tell what would change, and change nothing'))
    .addOption(
      new Option('--provider <name>', 'whose prices of a list of several')
        .choices(PROVIDERS)
        .default('openai'),
    )
    .addOption(waitOption());
  command.action((list: string | undefined) =>
    run((context) => importList(context, list ?? null, command.opts())),
  );
}

function addForget(parent: Command, run: RunCommand): void {
  const command = parent
    .command('forget')
    .description('Take imported prices out again: the list that Tokenhouse ships with holds in their place.')
    .addOption(
      new Option('--from <day>', 'what they say of this UTC day and of those after it').argParser(dayOf),
    )
    .addOption(new Option('--all', 'of all days').conflicts('from'))
    .addOption(waitOption());
  command.action(() => run((context) => forgetImported(context, command.opts())));
}

function addExport(parent: Command, run: RunCommand): void {
  const command = parent
    .command('export')
    .description(
      'Write the prices in force as CSV with the columns of PRICES_FILE, which `prices import` takes as well.',
    )
    .addOption(sourceOption())
    .addOption(rawCsvOption())
    .addOption(liveOption())
    .addOption(waitOption());
  command.action(() => run((context) => exportPrices(context, command.opts<ListOptions>())));
}

/** JavaScript makes March 2nd of February 30th. */
function dayOf(text: string): string {
  const at = new Date(`${text}T00:00:00Z`);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at.getTime());
  if (isDay && at.toISOString().startsWith(text)) return text;
  throw new InvalidArgumentError('It must be a day as yyyy-mm-dd.');
}
