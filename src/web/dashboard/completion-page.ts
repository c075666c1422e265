/** The page of one completion: what it was, what it cost and why, and its text where that is held and may be shown. */
import type { SqlValue } from '../../warehouse/engine/values.ts';
import type { Answer, Completion, CostLine, FoundCompletion, Text } from './completion.ts';
import { equal } from './conditions.ts';
import { DEFAULTS } from './filters.ts';
import { timeText, usdText, wholeText } from './format.ts';
import { footer, frame, header } from './frame.ts';
import { type Content, type Html, html } from './html.ts';
import { scrolling, tagList } from './html-table.ts';
import { chosenAddress, completionAddress } from './links.ts';

const BACK = html`<nav class="back" aria-label="Back"><a href=".">← Dashboard</a></nav>`;

/** The links of the page lead to all that is held: a filter alone says nothing of the days. */
const ALL = { ...DEFAULTS, range: 'all' } as const;

export function completionPage(found: FoundCompletion, id: string): string {
  const { completion, places } = found;
  if (places.length === 0) return missingPage(id);
  if (completion === null) return placesPage(found, id);
  const { source, createdAt, fields, tags } = completion;
  const cost = decimal(fields['list_cost_usd']);
  const tagLink = (key: string, value: string | null) =>
    chosenAddress(ALL, equal({ kind: 'tag', key }, value));
  return frame(
    'Tokenhouse: a completion',
    html`${header('Completion', html`<p class="stamp">${timeText(createdAt)} · ${source}</p>`)}${BACK}
<main id="content"><section class="card" aria-labelledby="completion-title"><div class="head"><h2 id="completion-title" class="id">${id}</h2></div>
<p class="big">${usdText(cost)} <small>${costNote(completion)}</small></p>
<dl class="facts">${factsOf(completion).map(([term, words]) => html`<div><dt>${term}</dt><dd>${words}</dd></div>`)}</dl>
<h3>Metadata</h3>${tagList(tags, tagLink)}
<p class="hint"><code>tokenhouse get ${shellWord(id)} --held</code> prints it as the warehouse holds it, without <code>--held</code> as the API has it now.</p></section>
<div class="two">${tokensPart(completion)}${costsPart(completion.costs)}</div>
${answersPart(completion.answers)}
${textsPart(completion, found.kind)}</main>
${footer()}`,
  );
}

/** Only what every shell takes as it stands. */
const shellWord = (id: string): string => (/^[\w.:-]{1,200}$/.test(id) ? id : 'ID');

const decimal = (value: SqlValue | undefined): number | null =>
  value === null || value === undefined ? null : Number(value);

const words = (value: SqlValue | undefined): string =>
  value === null || value === undefined || value === '' ? '–' : String(value);

function costNote({ fields }: Completion): string {
  const total = decimal(fields['total_tokens']);
  if (total === null) return 'list cost: the API did not tell its tokens';
  const priced = decimal(fields['priced_tokens']) ?? 0;
  if (priced === total) return 'list cost, every token priced';
  return `list cost of ${wholeText(priced)} of ${wholeText(total)} tokens: the rest has no price`;
}

function factsOf({ fields, createdAt, source }: Completion): readonly (readonly [string, Content])[] {
  const model = words(fields['model']);
  const link = html`<a href="${chosenAddress(ALL, equal({ kind: 'column', name: 'model' }, model))}">${model}</a>`;
  const optional = (
    [
      ['Request', 'request_id'],
      ['User of the request', 'input_user'],
      ['System fingerprint', 'system_fingerprint'],
      ['Temperature', 'temperature'],
      ['Top p', 'top_p'],
      ['Presence penalty', 'presence_penalty'],
      ['Frequency penalty', 'frequency_penalty'],
      ['Seed', 'seed'],
    ] as const
  ).filter(([, name]) => words(fields[name]) !== '–');
  return [
    ['Created', timeText(createdAt)],
    ['Source', source],
    ['Model', link],
    ['Service tier', words(fields['service_tier'])],
    ['Answers', words(fields['choice_count'])],
    ...optional.map(([term, name]) => [term, words(fields[name])] as const),
    ['First synced', timeText(words(fields['first_synced_at']))],
    ['Last read', timeText(words(fields['synced_at']))],
  ];
}

/** `of`: a part of what stands above it. */
const TOKENS: readonly (readonly [name: string, words: string, isPart: boolean])[] = [
  ['input_tokens', 'Input', false],
  ['input_cached_tokens', 'read from the cache', true],
  ['input_cache_write_tokens', 'written to the cache', true],
  ['input_audio_tokens', 'audio', true],
  ['input_image_tokens', 'images', true],
  ['output_tokens', 'Output', false],
  ['output_reasoning_tokens', 'reasoning', true],
  ['output_audio_tokens', 'audio', true],
  ['output_accepted_prediction_tokens', 'predicted and accepted', true],
  ['output_rejected_prediction_tokens', 'predicted and rejected', true],
  ['total_tokens', 'All', false],
];

function tokensPart({ fields }: Completion): Html {
  const rows = TOKENS.filter(([name, , isPart]) => !isPart || decimal(fields[name]) !== null).map(
    ([name, title, isPart]) =>
      html`<tr><th scope="row">${isPart && html`<span class="part">of these </span>`}${title}</th><td class="number">${wholeText(decimal(fields[name]))}</td></tr>`,
  );
  const table = html`<table><caption class="hidden">Tokens by type</caption><thead><tr><th scope="col">Tokens</th><th scope="col" class="number">Count</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`<section class="card" aria-labelledby="tokens-title"><div class="head"><h2 id="tokens-title">Tokens</h2></div>
${scrolling('Tokens by type, table', table)}${fields['is_inconsistent'] === true && html`<p class="hint">The counts that the API gave contradict each other; they are cut to what can be.</p>`}</section>`;
}

const KINDS: Readonly<Record<string, string>> = {
  input: 'Input',
  input_cached: 'Input, cached',
  input_cache_write: 'Input, written to the cache',
  input_audio: 'Input, audio',
  output: 'Output',
  output_audio: 'Output, audio',
  other: 'Neither input nor output',
};

const SOURCES: Readonly<Record<string, string>> = {
  contract: 'contract (PRICES_FILE)',
  overlay: 'overlay',
};

function sourceText({ priceSource, isAssumed }: CostLine): string {
  if (isAssumed) return 'assumed, as input';
  return priceSource === null ? '–' : (SOURCES[priceSource] ?? priceSource);
}

function costsPart(costs: readonly CostLine[]): Html {
  const rows = costs.map(
    (line) =>
      html`<tr><th scope="row">${KINDS[line.tokenType] ?? line.tokenType}</th><td class="number">${wholeText(line.tokens)}</td><td class="number">${line.usdPerMtok === null ? 'no price' : html`$${Number(line.usdPerMtok)}`}${(line.minInputTokens ?? 0n) > 0n && html`<br><small>from ${wholeText(line.minInputTokens)} input tokens on</small>`}</td><td class="number">${usdText(decimal(line.listCostUsd))}</td><td>${sourceText(line)}</td></tr>`,
  );
  const table = html`<table><caption class="hidden">List cost by kind of token</caption><thead><tr><th scope="col">Billed as</th><th scope="col" class="number">Tokens</th><th scope="col" class="number">US dollars a million</th><th scope="col" class="number">List cost</th><th scope="col">Price from</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`<section class="card" aria-labelledby="costs-title"><div class="head"><h2 id="costs-title">List cost by line</h2></div>
${costs.length === 0 ? html`<p class="nothing">No tokens to be billed are known.</p>` : scrolling('List cost by kind of token, table', table)}
<p class="hint">Kinds do not overlap: they sum to all tokens. List (or contract) price of the day, not what was billed.</p></section>`;
}

function answersPart(answers: readonly Answer[]): Html {
  const rows = answers.map(
    ({ index, finishReason, isRefused, tools }) =>
      html`<tr><th scope="row">${index}</th><td>${finishReason ?? '–'}${isRefused && ' (refusal)'}</td><td class="name">${tools ?? '–'}</td></tr>`,
  );
  const table = html`<table><caption class="hidden">Answers</caption><thead><tr><th scope="col">Answer</th><th scope="col">Finish reason</th><th scope="col">Tools called</th></tr></thead><tbody>${rows}</tbody></table>`;
  return html`<section class="card" aria-labelledby="answers-title"><div class="head"><h2 id="answers-title">How it ended</h2></div>
${answers.length === 0 ? html`<p class="nothing">No answers are held.</p>` : scrolling('Answers, table', table)}</section>`;
}

function textsPart({ texts, id }: Completion, kind: FoundCompletion['kind']): Html {
  const get = html`<code>tokenhouse get ${shellWord(id)} --held --messages</code>`;
  const shown =
    texts === null
      ? html`<p class="hint">The text of prompts and answers is not shown here. <code>HTTP_CONTENT=full</code> (with <code>HTTP_TOKEN</code>) shows it where it is held; ${get} prints it.</p>`
      : texts.length === 0
        ? html`<p class="hint">No text is held ${kind === 'copy' ? html`in the published copy: <code>PUBLISH_CONTENT=full</code> puts it there, and ${get} prints what the warehouse has` : html`in the warehouse: <code>CONTENT=full</code> keeps that of answers, <code>--with-messages</code> that of requests`}.</p>`
        : texts.map(textPart);
  return html`<section class="card" aria-labelledby="texts-title"><div class="head"><h2 id="texts-title">Messages</h2></div>${shown}</section>`;
}

function textPart({ part, role, text, isCut }: Text, place: number): Html {
  const title =
    part === 'message' ? (role ?? 'message') : `${part}${part === 'tool call' ? `: ${role ?? ''}` : ''}`;
  return html`<h3 id="text-${place}">${title}</h3><pre class="text" tabindex="0" role="region" aria-labelledby="text-${place}" dir="auto">${text}${isCut && '…'}</pre>${isCut && html`<p class="hint">Cut: <code>tokenhouse get</code> prints the whole.</p>`}`;
}

function placesPage({ places }: FoundCompletion, id: string): string {
  const rows = places.map(
    ({ source, createdAt }) =>
      html`<li><a href="${completionAddress(id, source)}">${source}</a>, ${timeText(createdAt)}</li>`,
  );
  return frame(
    'Tokenhouse: a completion of several sources',
    html`${header('Completion', null)}${BACK}<main id="content"><section class="card empty"><h2>${places.length === 1 ? 'Another source holds' : 'Several sources hold'} this completion</h2><ul>${rows}</ul></section></main>`,
  );
}

function missingPage(id: string): string {
  return frame(
    'Tokenhouse: no such completion',
    html`${header('Completion', null)}${BACK}<main id="content"><section class="card empty"><h2>No such completion is held</h2>
<p>${id === '' ? html`The address names none: it is <code>completion?id=…</code>.` : html`What this page reads has no completion of this id (and source). <code>tokenhouse sync</code> copies what is new; <code>tokenhouse get ${shellWord(id)}</code> asks the API.`}</p></section></main>`,
  );
}
