/** The page of one completion: its numbers, and its text only where that is held, allowed, and asked of the right source. */
import { expect, test } from 'vitest';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { choice, load, usage } from '../analytics/support.ts';
import { open, temporaryWarehouse } from '../warehouse/support.ts';
import { CHOSEN_NOW_MS, HOSTILE, publishedCopy } from './chosen-support.ts';
import { served } from './dashboard-support.ts';

const ANSWER = `a secret answer ${HOSTILE}`;
const ODD_ID = '../?a=b&"><script>canary=1</script>';

test('a completion is told of with what each kind of token cost; of text there is none unless it is allowed', {
  timeout: 60_000,
}, async () => {
  const path = await temporaryWarehouse('priced');
  await using warehouse = await open(path, { prices: priceParts(null) });
  const at = '2026-11-16T08:00:00Z';
  const run = {
    now: '2026-11-20T02:00:00Z',
    covered: [['2026-11-01T00:00:00Z', '2026-11-20T01:30:00Z']] as const,
  };
  const priced = {
    id: 'one',
    at,
    user: HOSTILE,
    tags: { [HOSTILE]: HOSTILE, team: 'search' },
    usage: usage(1_000_000, 100_000, { cached: 400_000 }),
    choices: [choice('length', { content: ANSWER })],
  };
  // The list is silent on caching for gpt-4.
  const silent = { ...priced, id: 'silent', model: 'gpt-4' };
  await load(warehouse, { ...run, made: [priced, silent, { id: 'twice', at }, { id: ODD_ID, at }] });
  await load(warehouse, { ...run, source: 'eu', made: [{ id: 'twice', at, model: 'house-model' }] });
  await warehouse.close();
  await publishedCopy(path, 'full');
  const nowMs = () => CHOSEN_NOW_MS;
  const plain = await served(path, { nowMs });
  const telling = await served(path, { nowMs, showsText: true });
  const ask = async (url: string, query: Record<string, string>) => {
    const reply = await fetch(`${url}/completion?${new URLSearchParams(query)}`);
    return { status: reply.status, page: await reply.text() };
  };

  const { status, page } = await ask(plain, { id: 'one' });
  expect(status).toBe(200);
  // Of gpt-4.1: 600,000 at 2, 400,000 cached at 0.5, 100,000 at 8 US dollars a million: 1.2 + 0.2 + 0.8.
  expect(page).toContain('<p class="big">$2.20 <small>list cost, every token priced</small>');
  const linesOf = (text: string) =>
    [...text.matchAll(/<tr><th scope="row">(Input|Input, cached|Output)<\/th>(.*?)<\/tr>/g)].map(
      ([, kind, cells = '']) => [
        kind,
        ...cells
          .replaceAll(/<\/td>/g, ' ')
          .replaceAll(/<[^>]*>/g, '')
          .trim()
          .split(' '),
      ],
    );
  const lines = linesOf(page);
  expect(lines).toContainEqual(['Input', '600,000', '$2', '$1.20', 'genai-prices']);
  expect(lines).toContainEqual(['Input, cached', '400,000', '$0.5', '$0.2000', 'genai-prices']);
  expect(lines).toContainEqual(['Output', '100,000', '$8', '$0.8000', 'genai-prices']);
  // 400,000 at 30 US dollars a million, as plain input.
  expect(linesOf((await ask(plain, { id: 'silent' })).page)).toContainEqual([
    'Input, cached',
    '400,000',
    '$30',
    '$12.00',
    'assumed,',
    'as',
    'input',
  ]);
  expect(page).toMatch(/of these <\/span>read from the cache<\/th><td class="number">400,000</);
  expect(page).toContain('<td>length</td>');
  expect(page).toContain('href=".?range=all&amp;metadata.team=search"');
  expect(page).not.toContain('secret answer');
  expect(page).toContain('HTTP_CONTENT=full');

  const told = (await ask(telling, { id: 'one', source: 'prod' })).page;
  expect(told).toContain('a secret answer &quot;&#39;&gt;&lt;script&gt;canary=1');
  for (const one of [page, told]) expect(one).not.toContain('<script>canary');

  // Of two sources, one has to be chosen; of a third nothing is known.
  const twice = await ask(plain, { id: 'twice' });
  expect(twice.page).toContain('<a href="completion?id=twice&amp;source=eu">eu</a>');
  expect(twice.page).toContain('<a href="completion?id=twice&amp;source=prod">prod</a>');
  expect((await ask(plain, { id: 'twice', source: 'eu' })).page).toContain('house-model');
  expect((await ask(plain, { id: 'one', source: 'eu' })).page).toContain(
    'Another source holds this completion',
  );

  for (const id of ['', 'nowhere', HOSTILE]) {
    const missing = await ask(telling, { id });
    expect(missing.status, id).toBe(404);
    expect(missing.page).toContain('No such completion is held');
    expect(missing.page).not.toContain('canary');
  }
  // Whatever an id holds, the table of the dearest calls leads to it.
  const board = await (await fetch(`${plain}/?range=all`)).text();
  const query = [...board.matchAll(/href="completion\?([^"]*)"/g)]
    .map(([, found = '']) => new URLSearchParams(found.replaceAll('&amp;', '&')))
    .find((one) => one.get('id') === ODD_ID);
  expect(query?.get('source')).toBe('prod');
  expect((await ask(plain, { id: ODD_ID, source: 'prod' })).status).toBe(200);
});
