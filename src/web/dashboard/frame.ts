/** What every page of the dashboard stands in, and the page that stands in for the numbers. */
import { BEHAVIOUR, FAVICON, STYLE } from './assets.ts';
import { type Content, type Html, html } from './html.ts';

export function frame(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<link rel="icon" href="assets/${FAVICON.name}" type="image/svg+xml"><link rel="stylesheet" href="assets/${STYLE.name}">
<script src="assets/${BEHAVIOUR.name}" defer></script></head>
<body><a class="skip" href="#content">Skip to the numbers</a><div class="page">
${body}
</div></body></html>
`.text;
}

export function header(days: string, stampText: Content): Html {
  return html`<header class="top"><h1>Token usage</h1><p>${days}</p>${stampText}</header>`;
}

/** @param keeping how the page may be kept. */
export function footer(keeping: Content = null): Html {
  return html`<footer><p>Days and hours are UTC, as in the API’s own usage pages, whatever the time zone of whoever looks. ${keeping}</p></footer>`;
}

export interface Notice {
  readonly title: string;
  readonly body: Content;
}

/** In place of the numbers: why there are none, and what to do. */
export function noticePage({ title, body }: Notice): string {
  return frame(
    `Tokenhouse: ${title}`,
    html`${header('', null)}<main id="content"><section class="card empty"><h2>${title}</h2>${body}</section></main>`,
  );
}

export const EMPTY_WAREHOUSE: Notice = {
  title: 'Nothing is synced yet',
  body: html`<p>There is no warehouse here, or no sync of it has landed. Make one, and this page shows it:</p>
<pre><code>tokenhouse sync</code></pre>
<p>It needs <code>OPENAI_API_KEY</code> and copies the completions that were stored (<code>store: true</code>) in the last 30 days. Where the warehouse is somewhere else, set <code>WAREHOUSE</code>.</p>
<p>To look around first: <code>tokenhouse demo</code> makes a warehouse of made-up traffic and says where it is.</p>`,
};
