/** The query of a list call, read and checked as the server at hand does it. */
import type { RowFilter } from './columns.ts';
import type { Quirks } from './quirks.ts';
import { errorReply, type Reply } from './replies.ts';

export interface ListParameters {
  readonly order: 'desc' | 'asc';
  readonly pageSize: number;
  readonly after: string | null;
  readonly filter: RowFilter;
}

/** @returns the parameters, or the 400 they get. */
export function listParameters(
  query: URLSearchParams,
  quirks: Quirks,
  defaultOrder: 'desc' | 'asc',
): ListParameters | Reply {
  const order = orderOf(query.get('order'), quirks, defaultOrder);
  if (typeof order !== 'string') return order;
  const pageSize = pageSizeOf(query.get('limit'), quirks);
  if (typeof pageSize !== 'number') return pageSize;
  const metadata: Record<string, string> = {};
  if (quirks.metadataFilter === 'honoured') {
    for (const [key, value] of query) {
      const name = /^metadata\[(.*)\]$/.exec(key)?.[1];
      if (name !== undefined) metadata[name] = value;
    }
  }
  const model = quirks.modelFilter === 'honoured' ? query.get('model') : null;
  // An empty `after` counts as none on OGX (recorded), and is taken so everywhere.
  const after = quirks.after === 'ignored' ? null : query.get('after') || null;
  return { order, pageSize, after, filter: { model, metadata } };
}

function orderOf(given: string | null, quirks: Quirks, fallback: 'desc' | 'asc'): 'desc' | 'asc' | Reply {
  if (given === null || quirks.order === 'ignored') return fallback;
  if (given === 'asc' || given === 'desc') return given;
  if (quirks.parameterErrors === 'ogx') {
    return validationError(
      quirks,
      `'loc': ['query', 'order'], 'msg': "Input should be 'asc' or 'desc'", 'type': 'enum'`,
    );
  }
  return errorReply(quirks, 400, {
    message: `Invalid value: '${given}'. Supported values are: 'asc' and 'desc'.`,
    param: 'order',
    code: 'invalid_value',
  });
}

function pageSizeOf(given: string | null, quirks: Quirks): number | Reply {
  if (given === null || quirks.limit === 'ignored') return quirks.defaultPageSize;
  const ogx = quirks.parameterErrors === 'ogx';
  if (!/^[+-]?\d+$/.test(given)) {
    if (ogx) {
      return validationError(
        quirks,
        "'loc': ['query', 'limit'], 'msg': 'Input should be a valid integer, unable to parse string as an integer', 'type': 'int_parsing'",
      );
    }
    return errorReply(quirks, 400, {
      message: `Invalid type for 'limit': expected an integer, but got a string instead.`,
      param: 'limit',
      code: 'invalid_type',
    });
  }
  const limit = Number(given);
  if (limit < 1) {
    if (ogx) {
      return validationError(
        quirks,
        "'loc': ['limit'], 'msg': 'Input should be greater than or equal to 1', 'type': 'greater_than_equal'",
      );
    }
    return errorReply(quirks, 400, {
      message: `Invalid 'limit': integer below minimum value. Expected a value >= 1, but got ${limit} instead.`,
      param: 'limit',
      code: 'integer_below_min_value',
    });
  }
  if (quirks.limitMax === null || limit <= quirks.limitMax) return limit;
  if (quirks.aboveLimitMax === 'clamp') return quirks.limitMax;
  // The text OpenAI's conversations list answers with; whether this list has a maximum was not recorded.
  return errorReply(quirks, 400, {
    message: `Invalid 'limit': integer above maximum value. Expected a value <= ${quirks.limitMax}, but got ${limit} instead.`,
    param: 'limit',
    code: 'integer_above_max_value',
  });
}

/** Recorded from OGX 1.4.1 and 1.5.0. */
const validationError = (quirks: Quirks, fields: string): Reply =>
  errorReply(quirks, 400, { message: `{'errors': [{${fields}}]}` });
