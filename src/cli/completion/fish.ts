/** Completion for fish. Pure. */
import { type ValueCase, valueCases } from './cases.ts';
import type { CompletedCommand, CompletedOption, Value, Word } from './tree.ts';

export function fishScript(name: string, commands: readonly CompletedCommand[]): string {
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  const lines = commands.flatMap(({ path, words, options }) => {
    const start = `complete -c ${name} -n ${quoted(`__${name}_is_at ${quoted(path)}`)}`;
    return [
      ...words.map((word) => `${start} ${wordText(word)}`),
      ...options.filter(({ isGlobal }) => !isGlobal).map((option) => `${start} ${optionText(option)}`),
    ];
  });
  const globals = commands[0]?.options.map((option) => `complete -c ${name} ${optionText(option)}`) ?? [];
  return `# fish completion for ${name}: ${name} completion fish | source
# Whether the words so far name this command: options and their values are none of them.
function __${name}_is_at
    set -l at ''
    set -l is_open 0
    for word in (commandline -opc)[2..-1]
        if test $is_open = 1
            set is_open 0
        else if string match -q -- '-*' $word
            switch "$at $word"
                case ${valueCases(commands).flatMap(patternsOf).join(' ')}
                    set is_open 1
            end
        else
            set -l further (string trim -- "$at $word")
            switch $further
                case ${paths.join(' ')}
                    set at $further
            end
        end
    end
    test "$at" = "$argv[1]"
end

complete -c ${name} -f
${[...globals, ...lines].join('\n')}
`;
}

const patternsOf = ({ everywhere, keys }: ValueCase): readonly string[] => [
  ...keys.map(quoted),
  ...everywhere.map((flag) => quoted(`* ${flag}`)),
];

const wordText = ({ word, description }: Word): string =>
  `-a ${quoted(word)}${description === '' ? '' : ` -d ${quoted(description)}`}`;

function optionText({ flags, description, value }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, ...(value === null ? [] : [valueText(value)]), `-d ${quoted(description)}`].join(' ');
}

function valueText(value: Value): string {
  switch (value.kind) {
    case 'words':
      return `-x -a ${quoted(value.words.join(' '))}`;
    case 'files':
      return '-r -F';
    case 'folders':
      return "-x -a '(__fish_complete_directories)'";
    case 'free':
      return '-x';
  }
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
