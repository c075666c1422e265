/**
 * Spans of a run: the run, in it each piece and each commit, and in a piece its pages. Names, counts and states; no id of a completion, no text,
 * no URL.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span, SpanOptions, Tracer } from '@opentelemetry/api';
import type { ReplyEvent } from '../source/client.ts';
import type { AroundPiece } from '../sync/crew.ts';
import type { CompletionSource, PageTail, Warehouse } from '../sync/ports.ts';
import type { SyncResult } from '../sync/sync.ts';
import { type RunSubject, withLoad } from './observer.ts';

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR`: the package they are in takes 20 ms to load, and most runs are not traced. */
const CLIENT = 2;
const ERROR = 2;

/** Which page's span a reply belongs to. */
const pageOfReply = new AsyncLocalStorage<Span>();

/** `work` in a span of the run; what it calls finds that as the active one. */
export function tracedRun(
  tracer: Tracer,
  { source, kind }: RunSubject,
  work: () => Promise<SyncResult>,
): Promise<SyncResult> {
  const attributes = { 'tokenhouse.source': source, 'tokenhouse.run.kind': kind };
  return inSpan(tracer, `run ${source}`, { attributes }, async (span) => {
    const result = await work();
    const { counts, status, unprovenSeconds } = result;
    span.setAttributes({
      'tokenhouse.run.id': result.runId,
      'tokenhouse.run.status': status,
      'tokenhouse.run.pages': counts.pages,
      'tokenhouse.run.requests': counts.requests,
      'tokenhouse.run.retries': counts.retries,
      'tokenhouse.run.unproven_seconds': unprovenSeconds,
      ...rowAttributes(counts),
      'tokenhouse.rows.read': counts.rowsRead,
    });
    return result;
  });
}

/** The source with a span for each page. Its `exists` and `fetchMessages` have none: there may be one for each row. */
export function tracedSource(source: CompletionSource, tracer: Tracer): CompletionSource {
  return {
    ...source,
    fetchPage(request, signal, onTail) {
      const attributes = {
        'tokenhouse.source': source.name,
        'tokenhouse.page.size': request.pageSize,
        'tokenhouse.page.order': request.order,
        'tokenhouse.page.is_first': request.after === null,
      };
      // The next page is asked for while this one is read: it belongs to the run all the same.
      const inRun = AsyncLocalStorage.snapshot();
      const tellTail = onTail && ((tail: PageTail) => inRun(() => onTail(tail)));
      return inSpan(tracer, 'page', { kind: CLIENT, attributes }, async (span) => {
        const page = await pageOfReply.run(span, () => source.fetchPage(request, signal, tellTail));
        span.setAttribute('tokenhouse.rows.read', page.items.length);
        return page;
      });
    },
  };
}

/** A span for each piece, which its pages belong to. */
export const tracedPieces =
  (tracer: Tracer, source: string): AroundPiece =>
  ({ from, to }, fill) => {
    const attributes = {
      'tokenhouse.source': source,
      'tokenhouse.piece.from': new Date(from * 1000).toISOString(),
      'tokenhouse.piece.to': new Date(to * 1000).toISOString(),
    };
    return inSpan(tracer, 'piece', { attributes }, fill);
  };

/** For the source's `onReply`: the page's span tells of every reply, and has the last one's status. */
export function traceReply({ status }: ReplyEvent): void {
  const span = pageOfReply.getStore();
  if (span === undefined) return;
  span.addEvent('reply', { 'http.response.status_code': status ?? 'none' });
  if (status !== null) span.setAttribute('http.response.status_code', status);
}

/** The warehouse with a span for each commit. */
export function tracedWarehouse(warehouse: Warehouse, tracer: Tracer): Warehouse {
  return withLoad(warehouse, (batch) => {
    const attributes = { 'tokenhouse.source': batch.source, 'tokenhouse.batch.rows': batch.items.length };
    return inSpan(tracer, 'commit', { attributes }, async (span) => {
      const loaded = await warehouse.load(batch);
      span.setAttributes(rowAttributes(loaded));
      return loaded;
    });
  });
}

const rowAttributes = (counts: {
  readonly rowsInserted: number;
  readonly rowsUpdated: number;
  readonly rowsRejected: number;
}) => ({
  'tokenhouse.rows.inserted': counts.rowsInserted,
  'tokenhouse.rows.updated': counts.rowsUpdated,
  'tokenhouse.rows.rejected': counts.rowsRejected,
});

function inSpan<T>(
  tracer: Tracer,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      // By its class only: a message may be a library's, and hold data.
      const type = error instanceof Error ? error.name : 'unknown';
      span.setAttribute('error.type', type);
      span.setStatus({ code: ERROR, message: type });
      throw error;
    } finally {
      span.end();
    }
  });
}
