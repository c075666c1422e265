/** What the text of a report says: its description and its parameters. Pure. */

/** The comment at the beginning, as one paragraph; empty when there is none. */
export function descriptionOf(sql: string): string {
  const lines = sql.replace(/^\uFEFF/, '').split(/\r?\n/);
  const start = lines.findIndex((line) => line.trim() !== '');
  const comment: string[] = [];
  for (const line of lines.slice(Math.max(start, 0))) {
    const text = /^\s*--+\s?(.*)$/.exec(line)?.[1];
    if (text === undefined) break;
    comment.push(text.trim());
  }
  if (comment.length > 0) return comment.join(' ').replace(/\s+/g, ' ').trim();
  const block = /^\s*\/\*+([\s\S]*?)\*\//.exec(sql)?.[1] ?? '';
  return block
    .split('\n')
    .map((line) => line.replace(/^\s*\*+\s?/, '').trim())
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Comments, texts, quoted names and dollar-quoted texts: no parameter stands in them. */
const NO_CODE = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1/g;

/** Names of the parameters (`$name`) a statement has, each once, in their order. */
export function parametersIn(sql: string): readonly string[] {
  const code = sql.replace(NO_CODE, ' ');
  return [...new Set([...code.matchAll(/\$([A-Za-z_]\w*)/g)].map(([, name]) => name ?? ''))];
}
