import type { Item, ListFilter } from '../sync/ports.ts';

/** A model's dated snapshot (`gpt-4o-2024-08-06`) where the filter names the model (`gpt-4o`). */
const isModelOrSnapshot = (model: string, wanted: string): boolean =>
  model === wanted || model.startsWith(`${wanted}-`);

/**
 * Both filters at once.
 *
 * @returns null when no row can match both: they want another value of the same key.
 */
export function bothFilters(source: ListFilter, request: ListFilter): ListFilter | null {
  let model = source.model ?? request.model;
  if (source.model !== null && request.model !== null) {
    // The snapshot is the narrower of the two; a server that matches exactly shows no such row to ask for.
    if (!isModelOrSnapshot(request.model, source.model)) return null;
    model = request.model;
  }
  const metadata = new Map(Object.entries(source.metadata));
  for (const [key, value] of Object.entries(request.metadata)) {
    if (metadata.has(key) && metadata.get(key) !== value) return null;
    metadata.set(key, value);
  }
  return { model, metadata: Object.fromEntries(metadata) };
}

/**
 * The first part of the filter that a row of the page does not meet: the server ignores it (OGX does so with metadata,
 * and answers 200 with every row).
 *
 * @returns its name, `model` or `metadata[key]`; null when every row meets the filter.
 */
export function ignoredFilter(filter: ListFilter, items: readonly Item[]): string | null {
  for (const item of items) {
    if (item.rejection !== null) continue;
    if (filter.model !== null && item.model !== null && !isModelOrSnapshot(item.model, filter.model))
      return 'model';
    for (const [key, value] of Object.entries(filter.metadata)) {
      if (!Object.hasOwn(item.metadata, key) || item.metadata[key] !== value) return `metadata[${key}]`;
    }
  }
  return null;
}
