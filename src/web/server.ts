/** What is seen of the house from outside, over HTTP: is it alive, is it ready, its metrics, and the pages that are plugged in. */
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FastifyInstance, type FastifyPluginAsync, type FastifyPluginCallback, fastify } from 'fastify';
import type { WebSettings } from '../config.ts';
import { SettingsError, TokenhouseError } from '../errors.ts';
import type { Log } from '../log.ts';
import { accessOf } from './access.ts';
import { type ReadyCheck, readinessOf } from './ready.ts';

/** Pages and routes of their own, such as the dashboard. They are behind the token as all else is. */
export interface HttpPlugin {
  /** Such as `/queues`; `/` for the root. */
  readonly prefix: string;
  readonly routes: FastifyPluginAsync | FastifyPluginCallback;
  /** In place of {@link CONTENT_SECURITY_POLICY}, for pages that are not ours. */
  readonly contentSecurityPolicy?: string;
}

type ListenSettings = Pick<WebSettings, 'host' | 'port' | 'token'>;

export interface HttpServerOptions {
  readonly settings: ListenSettings;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  readonly checks: readonly ReadyCheck[];
  readonly plugins?: readonly HttpPlugin[];
  readonly log: Log;
}

export interface HttpServer {
  /**
   * @returns where it can be reached, such as `http://127.0.0.1:8484`.
   * @throws {SettingsError} for an address or a port that cannot be had.
   */
  listen(): Promise<{ readonly url: string }>;
  /** Takes no more requests, lets those that are under way end for a moment, closes. */
  close(): Promise<void>;
}

/** For pages of our own: scripts, styles and pictures from here only, nothing inline, in no frame. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** For pages that are someone else's, such as Bull Board's: with inline styles, and still nothing from another server. */
export const FOREIGN_PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
  "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** These two are for whoever watches the process, and say next to nothing. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

const BODY_BYTES_MAX = 1024 * 1024;
const CLOSE_SECONDS_MAX = 2;

/** Listens to nothing until told to. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { settings, log } = options;
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    // A connection that is kept alive would keep the server from closing.
    forceCloseConnections: 'idle',
    requestTimeout: 30_000,
    // Such as a path that is no UTF-8. It is answered before any hook runs.
    frameworkErrors(_error, _request, { raw }) {
      raw.writeHead(400, { ...HEADERS, 'content-type': 'text/plain' }).end('this path cannot be read\n');
    },
  });
  guard(app, settings);
  answerInWords(app, log);
  addOwnRoutes(app, options);
  for (const { prefix, routes, contentSecurityPolicy } of options.plugins ?? []) {
    const place = prefix === '/' ? {} : { prefix };
    app.register(async (scope) => {
      if (contentSecurityPolicy !== undefined) {
        scope.addHook('onRequest', async (_request, reply) => {
          reply.header('content-security-policy', contentSecurityPolicy);
        });
      }
      await scope.register(routes, place);
    });
  }

  return {
    async listen() {
      try {
        await app.listen({ host: settings.host, port: settings.port });
      } catch (error) {
        throw unlistened(error, settings);
      }
      const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
      // A TCP listener's, so it is no text.
      const { port } = app.server.address() as AddressInfo;
      return { url: `http://${host}:${port}` };
    },
    async close() {
      const closed = app.close();
      const abandon = new AbortController();
      const late = sleep(CLOSE_SECONDS_MAX * 1000, undefined, { signal: abandon.signal }).then(
        () => app.server.closeAllConnections(),
        () => undefined,
      );
      await closed;
      abandon.abort();
      await late;
    },
  };
}

/** Before anything else of a request: headers of every answer, and whether there is to be one. */
function guard(app: FastifyInstance, { token }: ListenSettings): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    const access = accessOf(request, token);
    switch (access.kind) {
      case 'granted':
        return;
      case 'unknown':
        if (OPEN_PATHS.has(pathOf(request.url))) return;
        return reply
          .code(401)
          .header('www-authenticate', 'Basic realm="tokenhouse", charset="UTF-8"')
          .type('text/plain')
          .send('HTTP_TOKEN is asked for: as the password, or as Authorization: Bearer\n');
      case 'refused':
        return reply.code(403).type('text/plain').send(`${access.reason}\n`);
    }
  });
  // Numbers of a moment; what a plugin serves for longer says so itself.
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
}

/** What is not there, is asked wrongly or fails, in a line of text. Never the path or the query: they may hold anything. */
function answerInWords(app: FastifyInstance, log: Log): void {
  app.setNotFoundHandler((request, reply) => {
    const isKnown = app.hasRoute({ method: 'GET', url: pathOf(request.url) });
    if (!isKnown) return reply.code(404).type('text/plain').send('there is nothing at this path\n');
    return reply
      .code(405)
      .header('allow', 'GET, HEAD')
      .type('text/plain')
      .send('this path can be read only: ask it with GET\n');
  });
  app.setErrorHandler((error, request, reply) => {
    const status =
      error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
        ? error.statusCode
        : 500;
    if (status >= 400 && status < 500) {
      const words = status === 413 ? 'the body is too large' : 'this request cannot be read';
      return reply.code(status).type('text/plain').send(`${words}\n`);
    }
    // Of an error that is not ours the message may hold data.
    const reason = error instanceof TokenhouseError ? error.message : 'unexpected';
    const type = error instanceof Error ? error.name : typeof error;
    log.error(
      { method: request.method, route: request.routeOptions.url, type, reason },
      'web request failed',
    );
    return reply.code(500).type('text/plain').send('this failed; the log says why\n');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    const elapsedMs = Math.round(reply.elapsedTime);
    log.debug({ method, route: routeOptions.url, status: reply.statusCode, elapsedMs }, 'web request');
  });
}

function addOwnRoutes(app: FastifyInstance, { settings, metrics, checks }: HttpServerOptions): void {
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('alive\n'));
  app.get('/readyz', async (request, reply) => {
    const readiness = await readinessOf(checks);
    // Whoever may not see the rest learns which check fails, and not why: a reason may name a path or a host.
    const isTold = accessOf(request, settings.token).kind === 'granted';
    const shown = Object.entries(readiness.checks).map(([name, reason]) => [
      name,
      reason === null ? 'ok' : isTold ? reason : 'failing',
    ]);
    return reply
      .code(readiness.isReady ? 200 : 503)
      .send({ ready: readiness.isReady, checks: Object.fromEntries(shown) });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.text()),
  );
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

function unlistened(error: unknown, { host, port }: ListenSettings): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  switch (code) {
    case 'EADDRINUSE':
      return new SettingsError(
        `HTTP_PORT: port ${port} of ${host} is in use by another program (or another worker): set another one`,
        { cause: error },
      );
    case 'EACCES':
      return new SettingsError(`HTTP_PORT: port ${port} may not be used by this user: set one above 1023`, {
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new SettingsError('HTTP_HOST is no address of this machine: set 127.0.0.1, 0.0.0.0 or ::', {
        cause: error,
      });
    default:
      return error;
  }
}
