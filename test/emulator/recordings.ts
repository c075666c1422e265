/** Recorded calls as the replay tests need them: lossless rows, and which rows a recording proves to have existed. */
import { readFileSync } from 'node:fs';

const CORPUS = new URL('../../../shared/corpus/', import.meta.url);
export const OPENAI_CALLS = new URL('stored_api.jsonl', CORPUS);
export const OGX_CALLS = new URL('ogx_api.jsonl', CORPUS);

interface LosslessJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}
const lossless = JSON as unknown as LosslessJson;

export interface Row {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The row's JSON with every digit of the recording. */
  readonly raw: string;
}

export interface RecordedPage {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
  readonly firstId: string | null;
  readonly lastId: string | null;
}

export interface Call {
  /** Recording session (a test of the SDK), or server and version. */
  readonly session: string;
  readonly method: string;
  /** Path behind `/v1`, with its query. */
  readonly path: string;
  readonly status: number;
  readonly requestBody: unknown;
  readonly body: unknown;
  /** Set for a list of completions that was answered with 200. */
  readonly page: RecordedPage | null;
}

/** The same value with numbers as the text they were written in. */
function exact(text: string): unknown {
  return lossless.parse(text, (_key, value, context) =>
    typeof value === 'number' && context.source !== undefined ? lossless.rawJSON(context.source) : value,
  );
}

type Fields = Record<string, unknown>;

function pageOf(path: string, status: number, body: Fields, exactBody: Fields): RecordedPage | null {
  if (status !== 200 || !/^\/chat\/completions(\?|$)/.test(path) || body['object'] !== 'list') return null;
  const data = body['data'] as Fields[];
  const exactData = exactBody['data'] as unknown[];
  return {
    rows: data.map((item, place) => ({
      id: item['id'] as string,
      created: item['created'] as number,
      model: item['model'] as string,
      metadata: (item['metadata'] ?? {}) as Record<string, string>,
      raw: JSON.stringify(exactData[place]),
    })),
    hasMore: body['has_more'] as boolean,
    firstId: body['first_id'] as string | null,
    lastId: body['last_id'] as string | null,
  };
}

const lines = (file: URL): [Fields, Fields][] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => [JSON.parse(line) as Fields, exact(line) as Fields]);

export function readOpenAiCalls(): Call[] {
  return lines(OPENAI_CALLS).map(([call, exactCall]) => {
    const path = (call['uri'] as string).replace(/^.*?\/v1/, '');
    const status = call['status'] as number;
    return {
      session: (call['source'] as string).replace(/^.*SessionRecords\//, ''),
      method: call['method'] as string,
      path,
      status,
      requestBody: call['request_body'],
      body: call['response_body'],
      page:
        call['method'] === 'GET'
          ? pageOf(path, status, call['response_body'] as Fields, exactCall['response_body'] as Fields)
          : null,
    };
  });
}

export function readOgxCalls(): Call[] {
  return lines(OGX_CALLS).map(([call, exactCall]) => {
    const request = call['request'] as { method: string; path: string; body: unknown };
    const response = call['response'] as { status: number; body: Fields };
    const path = request.path.replace(/^.*?\/v1/, '');
    return {
      session: call['server'] as string,
      method: request.method,
      path,
      status: response.status,
      requestBody: request.body,
      body: response.body,
      page:
        request.method === 'GET'
          ? pageOf(path, response.status, response.body, (exactCall['response'] as Fields)['body'] as Fields)
          : null,
    };
  });
}

export const unionOfRows = (calls: readonly Call[]): Map<string, Row> =>
  new Map(calls.flatMap((call) => call.page?.rows ?? []).map((row) => [row.id, row]));

export const sessionsOf = (calls: readonly Call[]): Map<string, Call[]> =>
  Map.groupBy(calls, (call) => call.session);

/** Whether a row would stand on the page, were it there: filter, order and cursor admit it, and the page goes past it. */
function wouldBeShown(row: Row, call: Call, page: RecordedPage, union: ReadonlyMap<string, Row>): boolean {
  const query = new URL(call.path, 'http://recorded').searchParams;
  const model = query.get('model');
  if (model !== null && row.model !== model) return false;
  for (const [key, value] of query) {
    const name = /^metadata\[(.*)\]$/.exec(key)?.[1];
    if (name !== undefined && row.metadata[name] !== value) return false;
  }
  const direction = query.get('order') === 'asc' ? 1 : -1;
  const cursor = union.get(query.get('after') ?? '');
  if (cursor !== undefined && (row.created - cursor.created) * direction <= 0) return false;
  const last = page.rows.at(-1);
  return !page.hasMore || (last !== undefined && (last.created - row.created) * direction > 0);
}

/** Rows of the union that no page of these calls proves to have been absent. */
export function existingRows(calls: readonly Call[], union: ReadonlyMap<string, Row>): Row[] {
  const absent = new Set<string>();
  for (const call of calls) {
    const { page } = call;
    if (page === null) continue;
    const shown = new Set(page.rows.map((row) => row.id));
    for (const row of union.values()) {
      if (!shown.has(row.id) && wouldBeShown(row, call, page, union)) absent.add(row.id);
    }
  }
  return [...union.values()].filter((row) => !absent.has(row.id));
}
