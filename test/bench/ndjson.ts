/** The rows of a list as a file of one JSON text a line, to the character: seeds beyond 2^53 stay exact. */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { pageTexts } from './list-walk.ts';

/** How every row of the emulator's default begins; no answer's text holds it. */
const ROW = '{"object":"chat.completion","id":';

/** @returns how many rows; those that a plain walk loses are not in the file. */
export async function writeNdjson(baseUrl: string, file: string): Promise<number> {
  const stream = createWriteStream(file);
  const ids = new Set<string>();
  for await (const { text, page } of pageTexts(baseUrl)) {
    const data = text.slice(text.indexOf('[') + 1, text.lastIndexOf('],"first_id"'));
    const rows = data.split(`,${ROW}`).map((row, place) => (place === 0 ? row : ROW + row));
    if (rows.length !== page.data.length) throw new Error('a page could not be cut into its rows');
    stream.write(rows.map((row) => `${row}\n`).join(''));
    for (const { id } of page.data) ids.add(id);
  }
  await finished(stream.end());
  return ids.size;
}
