/** Walks a list as a program without care does: a page at a time, the last id as cursor. */

interface ListPage {
  readonly data: readonly { readonly id: string }[];
  readonly has_more: boolean;
}

/** Texts of the pages of 100 rows, newest first. */
export async function* pageTexts(baseUrl: string): AsyncGenerator<{ text: string; page: ListPage }> {
  for (let after: string | null = null; ; ) {
    const url = `${baseUrl}/chat/completions?order=desc&limit=100${after === null ? '' : `&after=${after}`}`;
    const response = await fetch(url, { headers: { authorization: 'Bearer bench' } });
    const text = await response.text();
    const page = JSON.parse(text) as ListPage;
    yield { text, page };
    after = page.data.at(-1)?.id ?? null;
    if (!page.has_more || after === null) return;
  }
}

export interface Walked {
  readonly seconds: number;
  readonly requests: number;
  /** Distinct ones. */
  readonly rows: number;
}

/** The loop every SDK has. It keeps nothing, and loses rows where a page ends within a second. */
export async function bareWalk(baseUrl: string): Promise<Walked> {
  const started = performance.now();
  const ids = new Set<string>();
  let requests = 0;
  for await (const { page } of pageTexts(baseUrl)) {
    requests += 1;
    for (const { id } of page.data) ids.add(id);
  }
  return { seconds: (performance.now() - started) / 1000, requests, rows: ids.size };
}
