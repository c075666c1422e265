/** The dashboard as a plug-in of the web server: the page, the same numbers as JSON, and each table as CSV. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { BusyError, TokenhouseError } from '../../errors.ts';
import { type CopyHealth, type CopyQuestion, copyHealthOf } from '../../health/copy-health.ts';
import { type SourceStatus, type StatusMoment, statusesOf } from '../../health/source-status.ts';
import type { Log } from '../../log.ts';
import { unixSeconds } from '../../sync/ports.ts';
import type { HttpPlugin } from '../server.ts';
import { ASSETS } from './assets.ts';
import { keepLatest } from './cache.ts';
import { readCompletion } from './completion.ts';
import { completionPage } from './completion-page.ts';
import type { DashboardData } from './data.ts';
import { addDays } from './days.ts';
import { type Asked, filtersOf, queryOf } from './filters.ts';
import { EMPTY_WAREHOUSE, type Notice, noticePage } from './frame.ts';
import { html } from './html.ts';
import { jsonOf, jsonText } from './json.ts';
import { pageOf } from './page.ts';
import type { Period } from './period.ts';
import { readDashboard } from './read-dashboard.ts';
import type { DataReader } from './reader.ts';
import { isAnyRunning, seenNow } from './seen-runs.ts';
import { csvOf } from './table-texts.ts';
import { isTableName, tableOf } from './tables.ts';
import { askingOf, readValues, type Values } from './values.ts';
import { tableOfValues, valuesPage } from './values-page.ts';

export interface DashboardOptions extends Pick<StatusMoment, 'configured' | 'settleSeconds'> {
  /** Closed by whoever opened it. */
  readonly reader: DataReader;
  readonly budgetUsd: number | null;
  /** HTTP_CONTENT: whether the page of a completion may show the text of prompts and answers. */
  readonly showsText: boolean;
  /** SCHEDULE: a copy that is older than that is told of. */
  readonly schedule: Pick<CopyQuestion, 'cron' | 'timeZone'>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/** Pages that people look at in turn, and not more memory than that is worth. */
const PAGES_MAX = 64;
/** Ages and days to expiry are of a moment. */
const PAGE_MS = 60_000;
/** Rows of a CSV at the most: it is made in memory. */
const VALUES_CSV_MAX = 100_000;
/** More than any id has. */
const ID_LENGTH_MAX = 1_024;

export function dashboardPlugin(options: DashboardOptions): HttpPlugin {
  return { prefix: '/', routes: async (app: FastifyInstance) => addRoutes(app, options) };
}

function addRoutes(app: FastifyInstance, options: DashboardOptions): void {
  const { reader, nowMs, budgetUsd, log } = options;
  const numbers = keepLatest<DashboardData | null>(PAGES_MAX);
  const pages = keepLatest<string>(PAGES_MAX);
  const lists = keepLatest<Values | null>(PAGES_MAX);

  /** null: nothing is synced yet. */
  const dataOf = async ({ filters }: Asked): Promise<DashboardData | null> => {
    const version = reader.version();
    if (version === null) return null;
    return await numbers.get(version, queryOf(filters), async () => {
      const startedMs = performance.now();
      const data = await reader.use((file) => readDashboard(file, filters));
      log.debug({ elapsedMs: Math.round(performance.now() - startedMs) }, 'dashboard read');
      return data;
    });
  };
  const statusesNow = async (data: DashboardData): Promise<readonly SourceStatus[]> => {
    const { configured, settleSeconds } = options;
    const now = unixSeconds(Math.floor(nowMs() / 1000));
    const statuses = statusesOf(data.readings, { configured, settleSeconds, now });
    if (!isAnyRunning(statuses)) return statuses;
    const atWork = await reader.sourcesAtWork(nowMs());
    return seenNow(statuses, { atWork, isStale: copyNow(data)?.isStale === true, nowMs: nowMs() });
  };

  const copyNow = ({ publishedAt }: DashboardData): CopyHealth | null =>
    publishedAt === null
      ? null
      : copyHealthOf({ publishedAt, ...reader.aboutCopy(), ...options.schedule, nowMs: nowMs() });

  /** A page, or why there is none. */
  const answered = async (reply: FastifyReply, make: () => Promise<FastifyReply>): Promise<FastifyReply> => {
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof TokenhouseError)) throw error;
      log.warn({ reason: error.message }, 'dashboard not read');
      return page(reply.code(503).header('retry-after', '5'), noticePage(noticeOf(error)));
    }
  };

  for (const { name, type, text } of ASSETS) {
    app.get(`/assets/${name}`, (_request, reply) =>
      reply.header('cache-control', 'public, max-age=31536000, immutable').type(type).send(text),
    );
  }

  app.get('/', async (request, reply) => {
    const asked = askedOf(request.url);
    return await answered(reply, async () => {
      const data = await dataOf(asked);
      if (data === null) return page(reply, noticePage(EMPTY_WAREHOUSE));
      const { problems } = asked;
      const copy = copyNow(data);
      const moment = `${Math.floor(nowMs() / PAGE_MS)} ${copy?.runEndedAt ?? ''} ${copy?.reason ?? ''}`;
      const key = `${queryOf(asked.filters)} ${problems.join(' ')} ${moment}`;
      const text = await pages.get(reader.version() ?? '', key, async () =>
        pageOf({ data, statuses: await statusesNow(data), copy, problems, nowMs: nowMs(), budgetUsd }),
      );
      return page(reply, text);
    });
  });

  app.get('/completion', async (request, reply) => {
    const query = queryIn(request.url);
    const id = (query.get('id') ?? '').slice(0, ID_LENGTH_MAX);
    const question = { id, source: query.get('source') || null, showsText: options.showsText };
    return await answered(reply, async () => {
      const found = await reader.use((file) => readCompletion(file, question));
      if (found === null) return page(reply.code(404), noticePage(EMPTY_WAREHOUSE));
      return page(reply.code(found.places.length > 0 ? 200 : 404), completionPage(found, id));
    });
  });

  app.get('/values', async (request, reply) => {
    const query = queryIn(request.url);
    const { filters, problems } = filtersOf(query);
    const asking = askingOf(query, filters);
    return await answered(reply, async () => {
      const version = reader.version();
      const values =
        version === null
          ? null
          : await lists.get(version, JSON.stringify(asking), () =>
              reader.use((file) => readValues(file, asking)),
            );
      if (values === null) return page(reply, noticePage(EMPTY_WAREHOUSE));
      return page(reply, valuesPage({ values, asking, problems }));
    });
  });

  app.get('/values.csv', async (request, reply) => {
    const query = queryIn(request.url);
    const asking = askingOf(query, filtersOf(query).filters);
    const values = await readable(reply, () =>
      reader.use((file) => readValues(file, asking, VALUES_CSV_MAX)),
    );
    if (values === undefined) return reply;
    if (values === null) return reply.code(404).type('text/plain').send('nothing is synced yet\n');
    return csv(reply, 'values', values.period, csvOf(tableOfValues(values)));
  });

  app.get('/dashboard.json', async (request, reply) => {
    const data = await readable(reply, () => dataOf(askedOf(request.url)));
    if (data === undefined) return reply;
    if (data === null) return reply.code(404).send({ error: 'nothing is synced yet' });
    return reply
      .type('application/json')
      .send(jsonText(jsonOf({ data, statuses: await statusesNow(data), copy: copyNow(data), budgetUsd })));
  });

  app.get<{ Params: { table: string } }>('/csv/:table', async (request, reply) => {
    const { table } = request.params;
    if (!isTableName(table)) return reply.code(404).type('text/plain').send('there is no such table\n');
    const data = await readable(reply, () => dataOf(askedOf(request.url)));
    if (data === undefined) return reply;
    if (data === null) return reply.code(404).type('text/plain').send('nothing is synced yet\n');
    return csv(reply, table, data.period, csvOf(tableOf(table, data)));
  });
}

function csv(reply: FastifyReply, name: string, { since, until }: Period, text: string): FastifyReply {
  const days = `${since}-to-${addDays(until, -1)}`;
  return reply
    .header('content-disposition', `attachment; filename="tokenhouse-${name}-${days}.csv"`)
    .type('text/csv; charset=utf-8')
    .send(text);
}

const page = (reply: FastifyReply, text: string): FastifyReply =>
  reply.type('text/html; charset=utf-8').send(text);

function queryIn(url: string): URLSearchParams {
  const at = url.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.slice(at + 1));
}

const askedOf = (url: string): Asked => filtersOf(queryIn(url));

/** undefined: it cannot be read, and was answered. */
async function readable<T>(
  reply: FastifyReply,
  read: () => Promise<T | null>,
): Promise<T | null | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof TokenhouseError)) throw error;
    reply.code(503).header('retry-after', '5').send({ error: error.message });
    return undefined;
  }
}

function noticeOf(error: TokenhouseError): Notice {
  if (error instanceof BusyError) {
    return {
      title: 'A sync has the warehouse open',
      body: html`<p>There is no published copy to read meanwhile, so this page has to wait: load it again in a moment.</p>
<p>After its next run a sync publishes one, unless <code>PUBLISH_TO</code> is <code>none</code>; <code>tokenhouse publish</code> makes it now.</p>`,
    };
  }
  return {
    title: 'The numbers cannot be read',
    body: html`<p>${error.message}</p><p><code>tokenhouse publish</code> makes the published copy anew; <code>tokenhouse doctor</code> looks for what else may be wrong.</p>`,
  };
}
