/** `tokenhouse publish`: brings the published copy up to what the warehouse holds. */
import { Option } from 'commander';
import { EXIT, SettingsError } from '../../errors.ts';
import { publishOf } from '../../run/publish-run.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { write, writeJson } from '../output.ts';
import { grouped } from '../progress.ts';
import { localConfigOf, type ReadOptions, waitOption } from '../read-options.ts';
import { counted, sizeText } from '../status-text.ts';

interface PublishCommandOptions extends ReadOptions {
  readonly full?: boolean;
}

export const publish: CommandDefinition = {
  name: 'publish',
  examples: [
    ['tokenhouse publish', 'what has changed since the last copy; each sync does that by itself'],
    ['tokenhouse publish --full', 'the copy made anew'],
  ],
  define(command, run) {
    command
      .description(
        'Bring the published copy (PUBLISH_TO) up to what the warehouse holds. Readers keep the copy they have open, and get the ' +
          'new one when they open it again.',
      )
      .addOption(new Option('--full', 'make it as a whole, not only the days that changed'))
      .addOption(waitOption())
      .action(() => run((context) => start(context, command.opts<PublishCommandOptions>())));
  },
};

async function start(context: CommandContext, options: PublishCommandOptions): Promise<number> {
  const config = localConfigOf(context, options);
  const { to } = config.publish;
  if (to === null) throw new SettingsError('PUBLISH_TO is none: set it to a file to publish to');
  const startedMs = performance.now();
  const { path, bytes, days, completions, wholeBecause } = await publishOf(config, to, {
    signal: context.signal,
    whole: options.full === true,
    onWaiting: (pid, file) =>
      context.log.info({ pid, warehouse: file }, 'waiting for the warehouse: another process has it open'),
    onProgress: ({ completions: done, completionsTotal }) =>
      context.statusLine?.show(`publishing · ${grouped(done)} of ${grouped(completionsTotal)} completions`),
  }).finally(() => context.statusLine?.show(null));
  const seconds = Math.round((performance.now() - startedMs) / 10) / 100;
  if (context.json) {
    const whole = { whole: wholeBecause !== null, whole_because: wholeBecause };
    await writeJson(context.stdout, { path, bytes, days, completions, ...whole, seconds });
  } else {
    const what =
      wholeBecause === null ? `${counted(days, 'day')} copied` : `made as a whole (${wholeBecause})`;
    await write(
      context.stdout,
      `${path}  ${sizeText(bytes)}, ${what}, ${counted(completions, 'completion')}, ${seconds} s\n`,
    );
  }
  return EXIT.landed;
}
