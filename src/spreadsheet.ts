/**
 * Texts in CSV that a spreadsheet would take for a formula, and run: what models, metadata and requests are called comes from whoever makes
 * the calls. An apostrophe in front keeps such a cell a text, and can be told from one that was there: it goes both ways.
 *
 * @see OWASP, CSV Injection: = + - @, tab and line breaks, and the wide forms of the signs.
 */

const FORMULA = /^'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;
/** A number is what it says, with its sign. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)$/;

/** The same rule in SQL: `sql/export/spreadsheet_safe.sql`. */
export const spreadsheetSafe = (text: string): string =>
  FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;

/** What {@link spreadsheetSafe} was given; a text that it would not write stays as it is. */
export const fromSpreadsheet = (text: string): string =>
  text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text;
