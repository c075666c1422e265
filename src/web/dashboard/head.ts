/** Heads and folded tables of the parts of the page. */
import type { DashboardData } from './data.ts';
import { type Content, type Html, html } from './html.ts';
import { htmlTable, type TableView } from './html-table.ts';
import { csvAddress } from './links.ts';
import { type TableName, tableOf } from './tables.ts';

export function head(id: string, title: Content, data: DashboardData, name: TableName): Html {
  return html`<div class="head"><h2 id="${id}">${title}</h2><a href="${csvAddress(name, data.filters)}">CSV<span class="hidden"> of ${tableOf(name, data).title}</span></a></div>`;
}

export function folded(
  data: DashboardData,
  name: TableName,
  view: TableView,
  words = 'Numbers as a table',
): Html {
  return html`<details><summary>${words}</summary>${htmlTable(tableOf(name, data), { ...view, part: words })}<p class="hint"><a href="${csvAddress(name, data.filters)}">The same as CSV</a></p></details>`;
}
