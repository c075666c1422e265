import type { CompletionId, CompletionSource, Message, Page, PlacedItem } from './ports.ts';
import { isPlaced } from './walk.ts';

/** Completions whose messages are asked for at the same time. */
const AT_ONCE = 8;

/**
 * The input messages of every completion of the page that can be loaded. One request or more for each.
 *
 * @param fetchedBefore ids to leave out: pages of a walk overlap.
 */
export async function fetchMessagesOf(
  page: Page,
  fetchedBefore: ReadonlySet<CompletionId | null>,
  source: CompletionSource,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const items = page.items
    .filter(isPlaced)
    .filter((item) => item.rejection === null && !fetchedBefore.has(item.id));
  const messages: Message[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    const some: PlacedItem[] = items.slice(start, start + AT_ONCE);
    const fetched = await Promise.all(some.map((item) => source.fetchMessages(item, signal)));
    messages.push(...fetched.flat());
  }
  return messages;
}
