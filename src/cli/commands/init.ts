/** `tokenhouse init`: writes the settings of a first sync to `.env`, and looks whether they do. */
import { readFile, realpath } from 'node:fs/promises';
import { Option } from 'commander';
import { loadConfig } from '../../config.ts';
import { EXIT, SettingsError } from '../../errors.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { answersOf, type InitOptions } from '../init/answers.ts';
import { withSettings } from '../init/env-text.ts';
import { writeWhole } from '../write-file.ts';
import { runDoctor } from './doctor.ts';

interface Options extends InitOptions {
  readonly file: string;
  readonly force?: boolean;
  readonly offline?: boolean;
}

export const init: CommandDefinition = {
  name: 'init',
  examples: [
    ['tokenhouse init', 'asks for what is needed, the key without showing it'],
    ['tokenhouse init --key-file /run/secrets/openai', 'the key stays in its file'],
    ['pass show openai | tokenhouse init --key-stdin', 'the key from a password manager'],
    ['tokenhouse init --sources prod,eu --key-file prod=prod.key --key-file eu=eu.key', 'two sources'],
    ['tokenhouse init --force --key-stdin --schedule "17 */6 * * *" < key', 'changes the .env that is there'],
  ],
  define(command, run) {
    const list = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
    command
      .description(
        'Write the settings of a first sync to .env, readable by you alone, and run doctor with them. Asks for what no flag ' +
          'gives; without a terminal it takes defaults. The key is no flag, as others see those in the list of processes.',
      )
      .addOption(new Option('--sources <names>', 'names of the sources, with commas between (SOURCES)'))
      .addOption(
        new Option('--key-file <path>', 'file that holds the key; SOURCE=PATH for several sources').argParser(
          list,
        ),
      )
      .addOption(new Option('--key-stdin', 'read the key from standard input'))
      .addOption(
        new Option('--base-url <url>', 'where the API is; SOURCE=URL for several sources').argParser(list),
      )
      .addOption(new Option('--schedule <cron>', 'when the worker syncs, or off (SCHEDULE)'))
      .addOption(new Option('--content <which>', 'full or none (CONTENT)'))
      .addOption(new Option('--file <path>', 'the file to write').default('.env'))
      .addOption(new Option('--force', 'change a file that is there; what it says of other settings stays'))
      .addOption(new Option('--offline', 'send no request'))
      .action(() => run((context) => start(context, command.opts<Options>())));
  },
};

async function start(context: CommandContext, options: Options): Promise<number> {
  const { file, force = false, offline = false } = options;
  const before = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new SettingsError(`--file ${file} cannot be read (${error.code})`, { cause: error });
  });
  if (before !== null && !force) {
    throw new SettingsError(
      `--file ${file} exists already: add --force to change it (other settings in it stay), or name another file`,
    );
  }
  const settings = await answersOf({
    options,
    environment: context.environment,
    stdin: context.stdin,
    questions: await questionsOf(context),
  });
  // Before anything is written: what is wrong is named as in every command.
  loadConfig(settings);
  // The file that a link points to, not the link.
  const target = await realpath(file).catch(() => file);
  await writeWhole(target, withSettings(before ?? '', settings), force, '--file');
  context.stderr.write(`${file} is written: ${Object.keys(settings).join(', ')}\n\n`);
  const failed = await runDoctor(context.withSettingsOf(file), { offline });
  return failed === 0 ? EXIT.landed : EXIT.failed;
}

async function questionsOf({ stdin, stderr, signal }: CommandContext) {
  if (stdin?.isTTY !== true || !('isTTY' in stderr && stderr.isTTY === true)) return null;
  const { questionsOn } = await import('../init/questions.ts');
  return questionsOn(stdin, stderr, signal);
}
