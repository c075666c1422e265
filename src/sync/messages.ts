import type { CompletionId, CompletionSource, Message, Page, PlacedItem } from './ports.ts';
import { isPlaced } from './walk.ts';

/** Completions whose messages are asked for at the same time, by all walkers together. */
export const MESSAGES_AT_ONCE = 8;

/**
 * The input messages of every completion of the page that can be loaded. One request or more for each.
 *
 * @param fetchedBefore ids to leave out: pages of a walk overlap.
 * @param walkers that do so side by side.
 */
export async function fetchMessagesOf(
  page: Page,
  fetchedBefore: ReadonlySet<CompletionId | null>,
  source: CompletionSource,
  walkers: number,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const atOnce = Math.ceil(MESSAGES_AT_ONCE / walkers);
  const items = page.items
    .filter(isPlaced)
    .filter((item) => item.rejection === null && !fetchedBefore.has(item.id));
  const messages: Message[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    const some: PlacedItem[] = items.slice(start, start + atOnce);
    const fetched = await Promise.all(some.map((item) => source.fetchMessages(item, signal)));
    messages.push(...fetched.flat());
  }
  return messages;
}
