/** What may follow on the command line, read from the program's own commands, so that it is never behind them. Pure. */
import type { Argument, Command, Option } from 'commander';
import { suggestionsFor } from './suggestions.ts';

export interface Word {
  readonly word: string;
  readonly description: string;
}

/** `free`: a value that nothing is known of, as a number. */
export type Value =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'folders' | 'free' };

export interface CompletedOption {
  /** `-h`, `--help`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** null: it is given or not. */
  readonly value: Value | null;
  /** One of the program's: every command takes it. */
  readonly isGlobal: boolean;
}

/** A command, or a part of one. */
export interface CompletedCommand {
  /** Words after the program's name, with a blank between: `schedule set`; the program itself has none. */
  readonly path: string;
  readonly options: readonly CompletedOption[];
  /** Its parts, or what its first argument may be. */
  readonly words: readonly Word[];
}

/** The program and all below it, each before its parts. */
export function completedCommands(program: Command): readonly CompletedCommand[] {
  const globals = optionsOf(program).map((option) => completedOption(option, true));
  const below = (command: Command, path: string): readonly CompletedCommand[] => {
    const parts = partsOf(command);
    const own = optionsOf(command).map((option) => completedOption(option, false));
    const known = new Set(own.flatMap(({ flags }) => flags));
    const inherited = globals.filter(({ flags }) => !flags.some((flag) => known.has(flag)));
    // `help` is commander's own and takes the name of a command.
    const isHelp = path === 'help';
    const words = parts.length > 0 || isHelp ? (isHelp ? partsOf(program) : parts) : null;
    return [
      {
        path,
        options: command === program ? globals : [...own, ...inherited],
        words: words?.map(wordOf) ?? argumentWords(command),
      },
      ...parts.flatMap((part) => below(part, path === '' ? part.name() : `${path} ${part.name()}`)),
    ];
  };
  return below(program, '');
}

const partsOf = (command: Command): readonly Command[] => command.createHelp().visibleCommands(command);
const optionsOf = (command: Command): readonly Option[] => command.createHelp().visibleOptions(command);

const wordOf = (command: Command): Word => ({
  word: command.name(),
  description: firstSentence(command.description()),
});

function argumentWords(command: Command): readonly Word[] {
  const [argument] = command.registeredArguments;
  return argument === undefined ? [] : choicesOf(argument).map((word) => ({ word, description: '' }));
}

const choicesOf = (part: Argument | Option): readonly string[] => part.argChoices ?? suggestionsFor(part);

function completedOption(option: Option, isGlobal: boolean): CompletedOption {
  return {
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: firstSentence(option.description),
    value: optionValue(option),
    isGlobal,
  };
}

function optionValue(option: Option): Value | null {
  if (!option.required && !option.optional) return null;
  const words = choicesOf(option);
  if (words.length > 0) return { kind: 'words', words };
  if (option.flags.includes('<file>')) return { kind: 'files' };
  return { kind: /<(?:dir|folder)>/.test(option.flags) ? 'folders' : 'free' };
}

/** On one line of a terminal, beside the word. */
function firstSentence(text: string): string {
  const sentence = (/^.*?(?=[.;:](?:\s|$)|$)/s.exec(text)?.[0] ?? text).replace(/\s+/g, ' ');
  return sentence.length <= 72 ? sentence : `${sentence.slice(0, 71)}…`;
}
