/** Sentences broken between words at the width of the terminal, which itself breaks in the middle of them. Pure. */
import { stripVTControlCharacters } from 'node:util';

/** Below this a hanging indent leaves no room for words. */
const ROOM_MIN = 24;

/** Blanks, but for those before what belongs to the word in front: `100 %`, `2 min`, `a · b`. */
const BREAKS = /( +)(?![·%]|(?:s|min|h|[kMG]?B)\b)/;

/**
 * A word that is wider than a line, as a path or an id, stays whole: so it can be copied.
 *
 * @param columns of the terminal; null: there is none, and the text stays as it is.
 * @param hang blanks before each further line of a line, besides those the line itself begins with.
 */
export function wrapped(text: string, columns: number | null, hang = 0): string {
  if (columns === null) return text;
  return text
    .split('\n')
    .map((line) => wrappedLine(line, columns, hang))
    .join('\n');
}

function wrappedLine(line: string, columns: number, hang: number): string {
  if (widthOf(line) <= columns) return line;
  const [indent = ''] = /^ */.exec(line) ?? [];
  const wanted = indent.length + hang;
  const further = ' '.repeat(columns - wanted < ROOM_MIN ? 0 : wanted);
  const words = line.slice(indent.length).split(BREAKS);
  const lines: string[] = [];
  let current = indent + (words[0] ?? '');
  for (let index = 1; index < words.length; index += 2) {
    const [blanks = '', word = ''] = [words[index], words[index + 1]];
    const fits = widthOf(current) + blanks.length + widthOf(word) <= columns;
    // What is too wide for a line of its own is no better off there.
    if (fits || further.length + widthOf(word) > columns) current += blanks + word;
    else {
      lines.push(current);
      current = further + word;
    }
  }
  return [...lines, current].join('\n');
}

/** Colours take no room. */
const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length;
