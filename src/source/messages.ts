import { parseExact } from '../completion/parse-exact.ts';
import { TerminalError, TransientError } from '../errors.ts';
import type { Message, PlacedItem } from '../sync/ports.ts';

/** A page of a completion's messages; null when the API does not know the completion (or the cursor). */
export type MessagePage = { readonly elements: readonly string[]; readonly hasMore: boolean | null } | null;

/**
 * All input messages of a completion, oldest first. Messages have no time, so no ties: the cursor is the last message's id.
 *
 * @param fetchPage asks for the page behind a message id, null for the first page.
 * @param stillThere whether the completion exists; null when the server cannot tell.
 * @returns empty when the API does not know the completion (any more).
 * @throws {TransientError} when the list changes while it is read; {@link TerminalError} when the server cannot page.
 */
export async function readMessages(
  item: PlacedItem,
  fetchPage: (after: string | null) => Promise<MessagePage>,
  stillThere: () => Promise<boolean | null>,
): Promise<readonly Message[]> {
  const messages: Message[] = [];
  const seen = new Set<string>();
  for (let after: string | null = null; ; ) {
    const page: MessagePage = await fetchPage(after);
    if (page === null) {
      // A cursor that dies half-way: the completion was deleted, else nobody can say what is missing.
      if (after === null || (await stillThere()) === false) return [];
      throw new TransientError(`the messages of ${item.id} changed while they were read`);
    }
    const parsed = page.elements.map((raw) => {
      const body = parseExact(raw);
      return { raw, body, id: idOf(body) };
    });
    const fresh = parsed.filter(({ id }) => id === null || !seen.has(id));
    const repeated = parsed.length > 0 && fresh.length === 0;
    if (repeated && page.hasMore === true) {
      throw new TerminalError(
        `the server shows the same messages of ${item.id} again and says that more follow`,
      );
    }
    for (const { raw, body } of fresh) {
      const index = messages.length;
      messages.push({ completionId: item.id, completionCreatedAt: item.createdAt, index, raw, body });
    }
    for (const { id } of parsed) if (id !== null) seen.add(id);
    if (repeated || parsed.length === 0 || page.hasMore === false) return messages;
    const last: string | null = parsed.at(-1)?.id ?? null;
    if (last === null || last === after) {
      // Without an id there is no next page to ask for. A server that does not say `has_more` has shown all it has.
      if (page.hasMore === null) return messages;
      throw new TerminalError(`more messages of ${item.id} follow, but the last one has no id to go on from`);
    }
    after = last;
  }
}

function idOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('id' in body)) return null;
  return typeof body.id === 'string' && body.id !== '' ? body.id : null;
}
