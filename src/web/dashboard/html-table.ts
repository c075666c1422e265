/** A table of numbers as HTML. */
import { changeText, compactText, cut, dayText, shareText, timeText, usdText, wholeText } from './format.ts';
import { type Content, type Html, html } from './html.ts';
import { keyOf, labelOf, quotedText } from './palette.ts';
import type { Cell, Column, Table, Tags } from './tables.ts';

/** null: nowhere. @param column by name. @param place of the row. */
export type LinkOf = (column: string, place: number) => string | null;
type TagLinkOf = (key: string, value: string | null) => string | null;

export interface TableView {
  /** Columns that are shown, by name; all unless given. */
  readonly columns?: readonly string[];
  /** Column of shares that a bar shows as well. */
  readonly bar?: string;
  /** Classes of colours of the groups. */
  readonly colors?: ReadonlyMap<string, string>;
  /** Which of the tables of these numbers it is, where there are several: no two parts of the page have one name. */
  readonly part?: string;
  /** Where the cells of a column lead. */
  readonly link?: LinkOf;
  readonly tagLink?: TagLinkOf;
  /** Part of the page, and not folded away: without a frame and at its full height. */
  readonly isOpen?: boolean;
}

export function htmlTable(table: Table, view: TableView = {}): Html {
  const shown = table.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => view.columns?.includes(column.name) ?? true);
  const barIndex = table.columns.findIndex(({ name }) => name === view.bar);
  const heads = shown.map(
    ({ column }, place) =>
      html`<th scope="col"${isNumber(column) && html` class="number"`}>${column.title}</th>${place === 0 && barIndex >= 0 && BAR_HEAD}`,
  );
  const rows = table.rows.map((row, place) => {
    const group = table.groups?.[place];
    const cell = (column: Column, index: number): Content => {
      const words =
        group !== undefined && column.name === 'name'
          ? labelOf(group)
          : cellOf(column, row[index] ?? null, view.tagLink);
      const address = view.link?.(column.name, place) ?? null;
      return address === null ? words : html`<a href="${address}">${words}</a>`;
    };
    const color = group === undefined ? undefined : view.colors?.get(keyOf(group));
    return html`<tr>${shown.map(({ column, index }, at) =>
      at === 0
        ? [
            html`<th scope="row" class="${nameClass(column)}">${color !== undefined && html`<span class="swatch ${color}"></span>`}${cell(column, index)}</th>`,
            barIndex >= 0 && barCell(row[barIndex] ?? null, color ?? 'plain'),
          ]
        : html`<td class="${isNumber(column) ? 'number' : nameClass(column)}">${cell(column, index)}</td>`,
    )}</tr>`;
  });
  return scrolling(
    `${table.title}, ${view.part?.toLowerCase() ?? 'table'}`,
    html`<table><caption class="hidden">${table.title}</caption><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table>`,
    view.isOpen ?? false,
  );
}

/** A table that is wider than its place is moved within it, by keyboard too, and says so. */
export const scrolling = (label: string, table: Html, isOpen = true): Html =>
  html`<div class="scrolling"><p class="scroll-hint" aria-hidden="true">Wider than the screen: move it sideways ↔</p><div class="${isOpen ? 'scroll open' : 'scroll'}" tabindex="0" role="region" aria-label="${label}">
${table}</div></div>`;

const BAR_HEAD = html`<td class="bar-cell" aria-hidden="true"></td>`;

const isNumber = ({ kind }: Column): boolean => ['count', 'usd', 'share', 'change'].includes(kind);

const nameClass = ({ name, kind }: Column): string =>
  name === 'completion_id' ? 'id' : kind === 'text' ? 'name' : '';

function barCell(share: Cell, color: string): Html {
  const width = Math.max(0, Math.min(1, Number(share ?? 0))) * 100;
  return html`<td class="bar-cell" aria-hidden="true"><svg class="bar" viewBox="0 0 100 7" preserveAspectRatio="none"><rect class="track" width="100" height="7" rx="1"/><rect class="fill ${color}" width="${width.toFixed(2)}" height="7" rx="1"/></svg></td>`;
}

function cellOf({ name, kind }: Column, cell: Cell, tagLink?: TagLinkOf): Content {
  switch (kind) {
    case 'day':
      return typeof cell === 'string' ? dayText(cell) : '–';
    case 'time':
      return typeof cell === 'string' ? html`<time datetime="${cell}">${timeText(cell)}</time>` : '–';
    case 'usd':
      return cell === null ? html`<span title="no price">–</span>` : usdText(Number(cell));
    case 'share':
      return shareText(cell === null ? null : Number(cell));
    case 'change':
      return cell === null ? '–' : changeOf(Number(cell));
    case 'count':
      return countOf(name, cell);
    case 'tags':
      return tagList(Array.isArray(cell) ? cell : [], tagLink);
    case 'text':
      return cell === null ? '–' : String(cell);
  }
}

function countOf(name: string, cell: Cell): string {
  if (cell === null) return '–';
  // Estimates are not counted to the row.
  if (name.endsWith('_estimate')) return compactText(Math.round(Number(cell)));
  return wholeText(typeof cell === 'bigint' ? cell : Number(cell));
}

export function tagList(tags: Tags, linkOf?: TagLinkOf): Content {
  if (tags.length === 0) return '(untagged)';
  return html`<ul class="tags">${tags.map(([key, value]) => {
    const words = html`<span>${cut(key)}</span> ${value === null ? '–' : cut(quotedText(value))}`;
    const address = linkOf?.(key, value) ?? null;
    return html`<li>${address === null ? words : html`<a href="${address}">${words}</a>`}</li>`;
  })}</ul>`;
}

/** Of a share above or below 0: 0.123 is `+12.3%`. */
const changeOf = (change: number): string => changeText(1 + change, 1) ?? '–';
