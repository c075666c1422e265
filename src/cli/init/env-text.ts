/** The text of a `.env` file with settings put in, and every other line as it was. */
import type { Environment } from '../../config/reader.ts';
import { fileName } from '../../config/table.ts';

/**
 * @param text of the file so far; empty: a new one.
 * @param settings to be in it. A line that sets one of them, or the file its secret would stand in, gives way to it.
 */
export function withSettings(text: string, settings: Environment): string {
  const names = Object.keys(settings);
  // A key and the file of a key exclude each other, so the new one takes the place of either.
  const given = new Set(names.flatMap((name) => [name, fileName(name), name.replace(/_FILE$/, '')]));
  const kept = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !given.has(/^\s*(?:export\s+)?([\w.-]+)\s*[=:]/.exec(line)?.[1] ?? ''));
  while (kept.at(-1)?.trim() === '') kept.pop();
  const added = names.map((name) => `${name}=${quoted(settings[name] ?? '')}`);
  return `${[...kept, ...added].join('\n')}\n`;
}

/** As dotenv and a shell both read it. */
function quoted(value: string): string {
  if (/^[\w./:@,+-]*$/.test(value)) return value;
  return value.includes("'") ? `"${value}"` : `'${value}'`;
}
