/** From a request to its reply: which endpoint, which rows, which body. No HTTP, no clock, no faults. */
import { isTextMap, parseObject } from './body.ts';
import { createCompletion } from './create.ts';
import type { Operation } from './faults.ts';
import { SALT } from './generate.ts';
import { type Cursor, countRows, type Selection, selectPage } from './listing.ts';
import { listParameters } from './parameters.ts';
import type { Endpoint, Quirks } from './quirks.ts';
import { dice, fraction, hash } from './random.ts';
import { errorReply, pageReply, type Reply, refusal, unknownCompletion, unknownCursor } from './replies.ts';
import type { RowRef, RowStore } from './store.ts';
import type { Asked, World } from './world.ts';

export interface Route {
  readonly operation: Operation;
  /** Completion id of the path; empty when there is none. */
  readonly id: string;
  /** Whether the path goes without `/v1`, as Azure's dated paths do. */
  readonly dated: boolean;
}

/** `/v1/…`, Azure's `/openai/v1/…` and `/openai/…`, and the same behind any prefix, as gateways have it. */
const PATH = /^(?:\/[^/]+)*?\/(v1|openai)\/chat\/completions(?:\/([^/]+))?(\/messages)?$/;

export function routeOf(method: string, path: string): Route {
  const match = PATH.exec(path);
  if (match === null) return { operation: 'other', id: '', dated: false };
  const id = decodeURIComponent(match[2] ?? '');
  const dated = match[1] === 'openai';
  const operation = operationOf(method, id !== '', match[3] !== undefined);
  return { operation, id, dated };
}

function operationOf(method: string, hasId: boolean, isMessages: boolean): Operation {
  if (isMessages) return method === 'GET' ? 'messages' : 'other';
  if (method === 'GET') return hasId ? 'retrieve' : 'list';
  if (method === 'POST') return hasId ? 'update' : 'create';
  return method === 'DELETE' && hasId ? 'delete' : 'other';
}

export function answer(world: World, route: Route, asked: Asked): Reply {
  const { quirks } = world;
  const denied = deniedAccess(quirks, route, asked);
  if (denied !== null) return denied;
  const endpoints: Record<Operation, Endpoint> = {
    list: quirks.list,
    retrieve: quirks.retrieve,
    messages: quirks.messages,
    update: quirks.update,
    delete: quirks.remove,
    create: quirks.create,
    other: 'not-found',
  };
  const refused = refusal(quirks, endpoints[route.operation], asked.method, asked.path);
  if (refused !== null) return refused;
  if (route.operation === 'list') return listPage(world, asked);
  if (route.operation === 'create') return createCompletion(world, asked);
  const row = world.store.find(route.id);
  if (row === null || !isVisible(world, row)) return unknownCompletion(quirks, route.id);
  switch (route.operation) {
    case 'messages':
      return messagePage(world, row, asked);
    case 'update':
      return update(world, route.id, asked);
    case 'delete':
      world.store.delete(route.id);
      return {
        status: 200,
        body: `{"object":"chat.completion.deleted","id":${JSON.stringify(route.id)},"deleted":true}`,
      };
    default:
      return { status: 200, body: world.store.rawOf(row) };
  }
}

function deniedAccess(quirks: Quirks, route: Route, asked: Asked): Reply | null {
  if (quirks.apiKey !== null) {
    const { authorization, 'api-key': apiKey } = asked.headers;
    if (authorization !== `Bearer ${quirks.apiKey}` && apiKey !== quirks.apiKey) {
      return errorReply(quirks, 401, {
        message: 'Incorrect API key provided.',
        code: 'invalid_api_key',
      });
    }
  }
  if (route.dated && quirks.apiVersion === 'required' && !asked.query.get('api-version')) {
    return errorReply(quirks, 404, { message: 'Resource not found', type: 'not_found', code: '404' });
  }
  return null;
}

/** Whether the row can be seen by now, and not yet expired. */
function isVisible({ store, quirks, faults, seed, nowSeconds }: World, row: RowRef): boolean {
  const created = store.createdOf(row);
  if (quirks.retentionSeconds !== null && created < nowSeconds - quirks.retentionSeconds) return false;
  if (typeof row !== 'number') return row.visibleAtSeconds === null || row.visibleAtSeconds <= nowSeconds;
  const isLate = faults.lateShare > 0 && fraction(seed, row, SALT.late) < faults.lateShare;
  return created + faults.visibilityDelaySeconds + (isLate ? faults.lateSeconds : 0) <= nowSeconds;
}

function listPage(world: World, asked: Asked): Reply {
  const { store, quirks } = world;
  const parameters = listParameters(asked.query, quirks, quirks.defaultOrder);
  if ('status' in parameters) return parameters;
  const { order, pageSize, filter, after } = parameters;
  let cursor: Cursor | null = null;
  if (after !== null) {
    const row = store.find(after);
    const known =
      row !== null &&
      isVisible(world, row) &&
      (quirks.afterOutsideFilter === 'accepted' || store.matches(row, filter));
    if (known) cursor = { second: store.createdOf(row), id: after };
    else if (quirks.unknownAfter === 'empty-page') return emptyPage(quirks);
    else if (quirks.unknownAfter !== 'first-page') return unknownCursor(quirks, after);
  }
  const whole: Selection = {
    order,
    fromSecond: quirks.retentionSeconds === null ? 0 : Math.ceil(world.nowSeconds - quirks.retentionSeconds),
    toSecond: Number.MAX_SAFE_INTEGER,
    behind: null,
    filter,
    pageSize,
    ties: quirks.cursor === 'exact' && quirks.ties === 'shuffled' ? 'id' : quirks.ties,
    isVisible: (row) => isVisible(world, row),
  };
  // One stream of chance a request: what a page shows does not depend on how calls before it were answered.
  const selected = selectPage(
    store,
    beyond(whole, cursor, quirks.cursor),
    dice(hash(world.seed, asked.number, 1)),
  );
  const hides =
    store.deletedCount > 0 || world.faults.visibilityDelaySeconds > 0 || world.faults.lateShare > 0;
  return pageReply(quirks, {
    data: selected.rows.map((row) => store.bytesOf(row)),
    firstId: idAt(store, selected.rows[0]),
    lastId: idAt(store, selected.rows.at(-1)),
    more: selected.more,
    total: quirks.total ? countRows(store, whole, hides) : null,
  });
}

const idAt = (store: RowStore, row: RowRef | undefined): string | null =>
  row === undefined ? null : store.idOf(row);

function beyond(whole: Selection, cursor: Cursor | null, kind: Quirks['cursor']): Selection {
  if (cursor === null) return whole;
  const gap = kind === 'strict' ? 1 : 0;
  const behind = kind === 'exact' ? cursor : null;
  return whole.order === 'desc'
    ? { ...whole, toSecond: cursor.second - gap, behind }
    : { ...whole, fromSecond: Math.max(whole.fromSecond, cursor.second + gap), behind };
}

const emptyPage = (quirks: Quirks): Reply =>
  pageReply(quirks, { data: [], firstId: null, lastId: null, more: false, total: null });

/** Ids are the place in the conversation behind the completion's id; ascending unless told otherwise (recorded). */
function messagePage({ store, quirks }: World, row: RowRef, asked: Asked): Reply {
  const parameters = listParameters(asked.query, quirks, 'asc');
  if ('status' in parameters) return parameters;
  const completionId = store.idOf(row);
  const messages = store.messagesOf(row).map((text, place) => {
    const id = quirks.messageIds === 'msg' ? `msg-${place}` : `${completionId}-${place}`;
    return {
      id,
      text: /^\s*\{\s*"id"/.test(text) ? text : text.replace('{', `{"id":${JSON.stringify(id)},`),
    };
  });
  if (parameters.order === 'desc') messages.reverse();
  const after = parameters.after === null ? -1 : messages.findIndex(({ id }) => id === parameters.after);
  const rest = parameters.after !== null && after < 0 ? [] : messages.slice(after + 1);
  const page = rest.slice(0, parameters.pageSize);
  return pageReply(quirks, {
    data: page.map(({ text }) => Buffer.from(text)),
    firstId: page[0]?.id ?? null,
    lastId: page.at(-1)?.id ?? null,
    more: rest.length > page.length,
    total: null,
  });
}

function update(world: World, id: string, asked: Asked): Reply {
  const { store, quirks } = world;
  const body = parseObject(asked.body);
  const metadata = body?.['metadata'];
  if (metadata === undefined || (metadata !== null && !isTextMap(metadata))) {
    return errorReply(quirks, 400, {
      message: "Missing required parameter: 'metadata'.",
      param: 'metadata',
      code: 'missing_required_parameter',
    });
  }
  store.updateMetadata(id, metadata ?? {});
  const row = store.find(id);
  return row === null ? unknownCompletion(quirks, id) : { status: 200, body: store.rawOf(row) };
}
