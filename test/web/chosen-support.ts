/** A warehouse whose sums can be worked out by hand: 20 November 2026, prices of the list. */
import { priceParts } from '../../src/analytics/price-parts.ts';
import { publishOf } from '../../src/run/publish-run.ts';
import { choice, load, usage } from '../analytics/support.ts';
import { open, temporaryWarehouse } from '../warehouse/support.ts';

export const CHOSEN_NOW_MS = Date.parse('2026-11-20T03:00:00Z');
/** Would end an attribute, a tag and a line, and turns the reading direction. */
export const HOSTILE = `"'><script>canary=1</script>\n\u202e&lt;${'x'.repeat(300)}`;
export const SHOWN = 'since=2026-11-16&last=2026-11-19';

const FULL = 'gpt-4.1-2025-04-14';
const MINI = 'gpt-4.1-mini-2025-04-14';
const MILLION = 1_000_000;

/**
 * 2 US dollars a million input tokens of gpt-4.1, 0.4 of its mini. A Friday before, then Monday to Wednesday:
 *
 * | id | at | model | tokens | list cost | team | customer |
 * |---|---|---|---|---|---|---|
 * | before | Fri 13 Nov 08:00 | gpt-4.1 | 1 M | 2.0 | search | acme |
 * | big | Mon 16 Nov 08:00 | gpt-4.1 | 2 M | 4.0 | search | acme |
 * | hostile | Tue 17 Nov 09:10 | gpt-4.1 | 1 M | 2.0 | billing | HOSTILE |
 * | plain | Tue 17 Nov 09:50 | mini | 1 M | 0.4 | – | – |
 * | cut | Wed 18 Nov 23:59 | mini | 1 M | 0.4 | search | acme |
 *
 * @returns the path of the warehouse; the copy lies beside it.
 */
export async function chosenCopy(): Promise<string> {
  const path = await temporaryWarehouse('priced');
  await using warehouse = await open(path, { prices: priceParts(null) });
  const made = (id: string, at: string, model: string, millions: number, tags: Record<string, string>) => ({
    id,
    at,
    model,
    tags,
    usage: usage(millions * MILLION, 0),
    choices: [choice(id === 'cut' ? 'length' : 'stop', { content: 'a secret answer' })],
  });
  const acme = { team: 'search', customer: 'acme' };
  await load(warehouse, {
    now: '2026-11-20T02:00:00Z',
    covered: [['2026-11-01T00:00:00Z', '2026-11-20T01:30:00Z']],
    made: [
      made('before', '2026-11-13T08:00:00Z', FULL, 1, acme),
      made('big', '2026-11-16T08:00:00Z', FULL, 2, acme),
      made('hostile', '2026-11-17T09:10:00Z', FULL, 1, { team: 'billing', customer: HOSTILE }),
      made('plain', '2026-11-17T09:50:00Z', MINI, 1, {}),
      made('cut', '2026-11-18T23:59:00Z', MINI, 1, acme),
    ],
  });
  await warehouse.close();
  await publishedCopy(path, 'none');
  return path;
}

/** Read from the copy, where the marts are tables, a page is a tenth of the work. */
export async function publishedCopy(path: string, content: 'none' | 'full'): Promise<void> {
  const to = path.replace(/\.duckdb$/, '.published.duckdb');
  await publishOf(
    {
      warehouse: { path, memoryLimit: '512MB', content: 'full', waitSeconds: 0, pricesFile: null },
      publish: { to, content, spareMinutes: null },
    },
    to,
    { signal: new AbortController().signal },
  );
}
