/** Bodies of answers: lists, errors and refusals, as recorded. */
import type { Endpoint, Quirks } from './quirks.ts';

export interface Reply {
  readonly status: number;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

interface ErrorFacts {
  readonly message: string;
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
}

export function errorReply(quirks: Quirks, status: number, facts: ErrorFacts): Reply {
  const { message, type = 'invalid_request_error', param = null, code = null } = facts;
  switch (quirks.errors) {
    case 'openai':
      return { status, body: JSON.stringify({ error: { message, type, param, code } }) };
    case 'message-only':
      return { status, body: JSON.stringify({ error: { message } }) };
    case 'text':
      return { status, body: JSON.stringify({ error: message }) };
    case 'detail':
      return { status, body: JSON.stringify({ detail: message }) };
    case 'number-code':
      return { status, body: JSON.stringify({ error: { message, type, param, code: status } }) };
  }
}

/** An id that GET, POST, DELETE or `/messages` do not know; the text is OpenAI's and OGX's own. */
export function unknownCompletion(quirks: Quirks, id: string): Reply {
  const message =
    quirks.parameterErrors === 'ogx'
      ? `Chat completion with id ${id} not found`
      : `Completion ${id} not found`;
  return errorReply(quirks, quirks.unknownId, { message, param: 'completion_id', code: 'not_found' });
}

/** An `after` that is not known: OGX's text was recorded, OpenAI's was not and follows its other 404. */
export function unknownCursor(quirks: Quirks, after: string): Reply {
  const message =
    quirks.parameterErrors === 'ogx'
      ? `Record with id='${after}' not found in table 'inference_store'`
      : `Completion ${after} not found`;
  const status = quirks.unknownAfter === 'not-found' ? 404 : 400;
  return errorReply(quirks, status, { message, param: 'after', code: 'not_found' });
}

/**
 * What servers without an endpoint say. 405 as reported in openai-python#2703, or FastAPI's `detail`; 404 as OpenAI's
 * older stack; 501 as OGX without an inference store.
 */
export function refusal(quirks: Quirks, endpoint: Endpoint, method: string, path: string): Reply | null {
  const allowed = method === 'GET' ? 'POST' : 'GET';
  switch (endpoint) {
    case 'served':
      return null;
    case 'not-allowed':
      if (quirks.errors === 'message-only' || quirks.errors === 'detail') {
        return { status: 405, headers: { allow: allowed }, body: '{"detail":"Method Not Allowed"}' };
      }
      return errorReply(quirks, 405, {
        message: `Only ${allowed} requests are accepted.`,
        code: 'method_not_supported',
      });
    case 'not-found':
      return errorReply(quirks, 404, { message: `Invalid URL (${method} ${path})` });
    case 'not-implemented':
      return errorReply(quirks, 501, { message: 'Stored completions are not configured on this server.' });
  }
}

/** One page of anything. */
export interface PageFacts {
  /** JSON texts of the rows in UTF-8. */
  readonly data: readonly Uint8Array[];
  readonly firstId: string | null;
  readonly lastId: string | null;
  readonly more: boolean;
  /** null: the envelope has none. */
  readonly total: number | null;
}

export function pageReply(quirks: Quirks, page: PageFacts): Reply {
  const fields: string[] = [];
  const id = (key: string, value: string | null): void => {
    if (quirks.pageIds === 'absent' || (value === null && quirks.emptyPageIds === 'absent')) return;
    const empty = quirks.emptyPageIds === 'empty-text' ? '""' : 'null';
    fields.push(`"${key}":${value === null ? empty : JSON.stringify(value)}`);
  };
  id('first_id', page.firstId);
  id('last_id', page.lastId);
  const more = quirks.hasMore === 'always-true' || page.more;
  const hasMore = quirks.hasMore === 'missing' ? [] : [`"has_more":${more}`];
  const total = page.total === null ? [] : [`"total":${page.total}`];
  const before = quirks.envelope === 'object-first' ? '{"object":"list","data":[' : '{"data":[';
  const after =
    quirks.envelope === 'object-first'
      ? [...fields, ...hasMore, ...total]
      : [...hasMore, ...fields, '"object":"list"', ...total];
  const end = `${[']', ...after].join(',')}}`;
  return { status: 200, body: joined(before, page.data, end) };
}

/** Bytes, not texts: one row with a letter beyond Latin-1 made a text of two bytes a letter of the whole page, which took 0.5 ms. */
function joined(before: string, rows: readonly Uint8Array[], end: string): Buffer {
  const commas = Math.max(0, rows.length - 1);
  const ends = Buffer.byteLength(before) + Buffer.byteLength(end);
  const body = Buffer.allocUnsafe(rows.reduce((sum, row) => sum + row.length, ends + commas));
  let at = body.write(before);
  rows.forEach((row, place) => {
    if (place > 0) body[at++] = 0x2c;
    body.set(row, at);
    at += row.length;
  });
  body.write(end, at);
  return body;
}
