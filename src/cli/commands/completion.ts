/** `tokenhouse completion`: a script by which a shell completes commands, options and their values. */
import { Argument, type Command } from 'commander';
import { EXIT } from '../../errors.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { type CompletedCommand, completedCommands } from '../completion/tree.ts';
import { zshScript } from '../completion/zsh.ts';
import type { CommandDefinition } from '../context.ts';
import { write, writeJson } from '../output.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
type Shell = keyof typeof SCRIPTS;

export const completion: CommandDefinition = {
  name: 'completion',
  examples: [
    ['source <(tokenhouse completion bash)', 'in ~/.bashrc, or once for this shell'],
    ['source <(tokenhouse completion zsh)', 'in ~/.zshrc, after compinit'],
    ['tokenhouse completion fish | source', 'in ~/.config/fish/config.fish'],
    ["alias tokenhouse='npx tokenhouse'", 'before it, where the command is not on PATH'],
  ],
  define(command, run) {
    command
      .description('Print a script by which the shell completes commands, options and their values.')
      .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(SCRIPTS)))
      .action((shell: Shell) =>
        run(async (context) => {
          const program = programOf(command);
          const commands: readonly CompletedCommand[] = completedCommands(program);
          if (context.json) await writeJson(context.stdout, { shell, commands });
          else await write(context.stdout, SCRIPTS[shell](program.name(), commands));
          return EXIT.landed;
        }),
      );
  },
};

const programOf = (command: Command): Command =>
  command.parent === null ? command : programOf(command.parent);
