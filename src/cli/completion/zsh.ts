/** Completion for zsh, sourced or as the file `_NAME` in a folder of fpath. Pure. */
import { quoted, type ValueCase, valueCases } from './cases.ts';
import type { CompletedCommand, Word } from './tree.ts';

export function zshScript(name: string, commands: readonly CompletedCommand[]): string {
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => quoted(path));
  const withWords = commands.filter(({ words }) => words.length > 0);
  const flags = ({ options }: CompletedCommand): readonly Word[] =>
    options.flatMap((option) => option.flags.map((word) => ({ word, description: option.description })));
  return `#compdef ${name}
# zsh completion for ${name}: source <(${name} completion zsh)
_${name}() {
  local at= open= kind= word i
  local -a entries
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $open ]]; then open=; continue; fi
    if [[ $word == -* ]]; then
      _${name}_value "$at $word"
      [[ -n $kind ]] && open="$at $word"
      continue
    fi
    case "\${at:+$at }$word" in
    (${paths.join(' | ')}) at="\${at:+$at }$word" ;;
    esac
  done
  kind=
  if [[ -z $open && \${words[CURRENT]} == --*=* ]]; then
    open="$at \${words[CURRENT]%%=*}"
    compset -P '*='
  fi
  entries=()
  [[ -n $open ]] && _${name}_value "$open"
  case $kind in
    files) _files ;;
    folders) _files -/ ;;
    free) return 1 ;;
    words) _describe -t values value entries ;;
    *)
      if [[ \${words[CURRENT]} == -* ]]; then
        _${name}_flags
        _describe -o -t options option entries
      else
        _${name}_words
        _describe -t commands command entries
      fi ;;
  esac
}

# Sets kind, and entries, of the value that an option takes; $1 is the command and the option.
_${name}_value() {
  kind=
  case $1 in
${valueCases(commands).map(valueCase).join('\n')}
  esac
}

_${name}_words() {
  case $at in
${withWords.map(({ path, words }) => entriesCase(path, words)).join('\n')}
  esac
}

_${name}_flags() {
  case $at in
${commands.map((command) => entriesCase(command.path, flags(command))).join('\n')}
  esac
}

# From fpath the file itself is the function.
if [[ \${funcstack[1]} == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function valueCase({ value, everywhere, keys }: ValueCase): string {
  const patterns = [...keys.map(quoted), ...everywhere.map((flag) => `*${quoted(` ${flag}`)}`)];
  const entries = value.kind === 'words' ? ` entries=(${value.words.map(quoted).join(' ')})` : '';
  return `    (${patterns.join(' | ')}) kind=${value.kind}${entries} ;;`;
}

const entriesCase = (path: string, words: readonly Word[]): string =>
  `    (${quoted(path)}) entries=(${words.map(entryOf).join(' ')}) ;;`;

/** `_describe` parts a word from its description at the first colon. */
const entryOf = ({ word, description }: Word): string =>
  quoted(`${word.replaceAll(':', '\\:')}${description === '' ? '' : `:${description}`}`);
