/** Completion for bash, 3.2 (macOS) and newer. Pure. */
import { quoted, type ValueCase, valueCases } from './cases.ts';
import type { CompletedCommand, Value } from './tree.ts';

export function bashScript(name: string, commands: readonly CompletedCommand[]): string {
  const cases = valueCases(commands);
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  const wordCases = commands
    .filter(({ words }) => words.length > 0)
    .map(
      ({ path, words }) => `    ${quoted(path)}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`,
    );
  const flagCases = commands.map(
    ({ path, options }) =>
      `    ${quoted(path)}) words=${quoted(options.flatMap(({ flags }) => flags).join(' '))} ;;`,
  );
  return `# bash completion for ${name}: source <(${name} completion bash)
_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} at= open= words= kind= word i
  COMPREPLY=()
  # Bash makes three words of --option=value.
  [[ $cur == = ]] && cur=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = ]]; then continue; fi
    if [[ -n $open ]]; then open=; continue; fi
    if [[ $word == -* ]]; then
      _${name}_value "$at $word"
      [[ -n $kind ]] && open="$at $word"
      continue
    fi
    case "\${at:+$at }$word" in
    ${paths.join(' | ')}) at="\${at:+$at }$word" ;;
    esac
  done
  kind=
  words=
  [[ -n $open ]] && _${name}_value "$open"
  case $kind in
    file | directory)
      # A line is a name, which may have blanks.
      local IFS=$'\\n'
      COMPREPLY=($(compgen -A \${kind} -- "$cur"))
      compopt -o filenames 2>/dev/null
      return ;;
    free) return ;;
    words) ;;
    *) if [[ $cur == -* ]]; then _${name}_flags; else _${name}_words; fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

# Sets kind, and words, of the value that an option takes; $1 is the command and the option.
_${name}_value() {
  kind=
  words=
  case $1 in
${cases.map(valueCase).join('\n')}
  esac
}

_${name}_words() {
  case $at in
${wordCases.join('\n')}
  esac
}

_${name}_flags() {
  case $at in
${flagCases.join('\n')}
  esac
}

complete -F _${name} ${name}
`;
}

/** As `compgen -A` calls them. */
const KINDS = { files: 'file', folders: 'directory', words: 'words', free: 'free' } as const;

function valueCase({ value, everywhere, keys }: ValueCase): string {
  const patterns = [...keys.map(quoted), ...everywhere.map((flag) => `*${quoted(` ${flag}`)}`)];
  return `    ${patterns.join(' | ')}) kind=${KINDS[value.kind]}${wordsOf(value)} ;;`;
}

const wordsOf = (value: Value): string =>
  value.kind === 'words' ? ` words=${quoted(value.words.join(' '))}` : '';
