/** The stored chat completions API over real HTTP, played from generated and given rows. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { answer, routeOf } from './answer.ts';
import { MinuteBudget } from './budget.ts';
import { type Fault, type Faults, noFaults, type ServedRequest } from './faults.ts';
import { GENERATE_DEFAULTS, generate } from './generate.ts';
import type { EmulatorOptions } from './options.ts';
import { preset, type Quirks } from './quirks.ts';
import { type Dice, dice, hash } from './random.ts';
import { requestId } from './render.ts';
import type { Reply } from './replies.ts';
import { RowStore } from './store.ts';

/** A request and what became of it. */
export interface RequestRecord extends ServedRequest {
  /** null: no status was sent (reset or silence). */
  readonly status: number | null;
  /** Of the reply's body, as it was made: a fault may have sent less. */
  readonly bytes: number;
}

const REQUEST_LOG_MAX = 10_000;
const HTML =
  '<!doctype html>\n<html><head><title>Just a moment</title></head><body>Checking the connection.</body></html>\n';

/** @throws when the port is taken. Close it, or hold it with `await using`. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = new Emulator(options);
  await emulator.listen(options.port ?? 0);
  return emulator;
}

export class Emulator implements AsyncDisposable {
  readonly store: RowStore;
  /** May be changed while it runs. */
  readonly quirks: Quirks;
  /** May be changed while it runs. */
  readonly faults: Faults;
  readonly nowSeconds: () => number;
  /** The last requests, oldest first. */
  readonly requests: RequestRecord[] = [];
  readonly #options: EmulatorOptions;
  readonly #seed: number;
  readonly #server: Server;
  readonly #chance: Dice;
  readonly #budget = new MinuteBudget();
  #requestCount = 0;

  constructor(options: EmulatorOptions) {
    this.#options = options;
    this.#seed = options.seed ?? GENERATE_DEFAULTS.seed;
    this.#chance = dice(hash(this.#seed, 0, 3));
    this.nowSeconds = options.nowSeconds ?? (() => Date.now() / 1000);
    this.quirks = { ...preset(options.preset ?? 'openai'), ...options.quirks };
    this.faults = { ...noFaults(), ...options.faults };
    const generated = generate({
      ...GENERATE_DEFAULTS,
      endSeconds: Math.floor(this.nowSeconds()),
      ...options.generate,
      seed: this.#seed,
      rows: options.rows ?? options.generate?.rows ?? 0,
    });
    this.store = new RowStore(generated, () => this.quirks.item);
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        // Only the `onRequest` hook throws: the test that wrote it has to see it.
        response.writeHead(500, { 'content-type': 'text/plain' }).end(`emulator: ${error}`);
      });
    });
  }

  /** `http://127.0.0.1:<port>` */
  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What a client is configured with; `…/openai/v1` for the Azure preset. Azure's dated paths are at `<origin>/openai`. */
  get baseUrl(): string {
    return `${this.origin}${this.#options.preset === 'azure' ? '/openai/v1' : '/v1'}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Requests since the start, failed ones included. */
  get requestCount(): number {
    return this.#requestCount;
  }

  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Ends open connections, also those that wait for a silent answer. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedMs = performance.now();
    const number = ++this.#requestCount;
    const url = new URL(incoming.url ?? '/', 'http://emulator');
    const method = incoming.method ?? 'GET';
    const route = routeOf(method, url.pathname);
    const body = method === 'GET' ? '' : await readBody(incoming);
    const request: ServedRequest = {
      number,
      method,
      path: url.pathname,
      query: url.searchParams,
      operation: route.operation,
    };
    await this.#options.onRequest?.(number, this, request);
    const { latencyMs, latencyJitterMs, rules } = this.faults;
    const waitMs = latencyMs + (latencyJitterMs > 0 ? latencyJitterMs * this.#chance() : 0);
    const nowSeconds = this.nowSeconds();
    const headers = this.#headers(number, nowSeconds);
    const fault =
      this.#budget.spend(this.faults.requestsPerMinute, nowSeconds, headers) ??
      rules.find((rule) => rule.fires(request, this.#chance))?.fault;
    const world = {
      store: this.store,
      quirks: this.quirks,
      faults: this.faults,
      seed: this.#seed,
      nowSeconds,
    };
    const reply =
      fault?.kind === 'status'
        ? fault
        : answer(world, route, { ...request, headers: incoming.headers, body });
    if (waitMs > 0) await until(startedMs + waitMs);
    const status = send(incoming, response, fault, reply, headers);
    this.#record({ ...request, status, bytes: Buffer.byteLength(reply.body) });
  }

  #headers(number: number, nowSeconds: number): Record<string, string> {
    const id = requestId(this.#seed, number, 'req');
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      date: new Date(nowSeconds * 1000).toUTCString(),
      'x-request-id': id,
      'openai-processing-ms': '12',
      'openai-version': '2020-10-01',
    };
    if (this.#options.preset === 'azure') headers['apim-request-id'] = requestId(this.#seed, number, 'uuid');
    if (this.quirks.project !== null) headers['openai-project'] = this.quirks.project;
    return Object.assign(headers, this.faults.headers);
  }

  #record(record: RequestRecord): void {
    const keep = this.#options.requestLogMax ?? REQUEST_LOG_MAX;
    if (keep === 0) return;
    this.requests.push(record);
    // Cut in halves, so that a long benchmark does not shift the array on every request.
    if (this.requests.length >= 2 * keep) this.requests.splice(0, this.requests.length - keep);
  }
}

/** A timer comes up to 2 ms late; over 200 pages of 50 ms that would be 2 % which no client can help. */
const TIMER_LATE_MS = 2;

/** Waits for a moment of `performance.now()`: the last of it in turns of the event loop, which serve others meanwhile. */
async function until(atMs: number): Promise<void> {
  const asleepMs = atMs - performance.now() - TIMER_LATE_MS;
  if (asleepMs >= 1) await sleep(asleepMs);
  while (performance.now() < atMs) await turn();
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Sends the reply, or what the fault makes of it. @returns the status sent; null when none was. */
function send(
  incoming: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  reply: Reply,
  headers: Record<string, string>,
): number | null {
  if (fault?.kind === 'silence') return null;
  if (fault?.kind === 'reset') {
    incoming.socket.resetAndDestroy();
    return null;
  }
  Object.assign(headers, reply.headers);
  if (fault?.kind === 'html') headers['content-type'] = 'text/html; charset=utf-8';
  const body = bodyOf(fault, reply);
  response.writeHead(fault?.kind === 'html' ? 200 : reply.status, {
    ...headers,
    'content-length': body.length,
  });
  if (fault?.kind === 'cut-connection') {
    response.write(body.subarray(0, body.length >> 1), () => incoming.socket.destroy());
  } else {
    response.end(body);
  }
  return response.statusCode;
}

function bodyOf(fault: Fault | undefined, { body }: Reply): Buffer {
  if (fault?.kind === 'html') return Buffer.from(HTML);
  if (fault?.kind === 'empty') return Buffer.alloc(0);
  if (fault?.kind === 'cut-json') {
    const text = body.toString();
    return Buffer.from(text.slice(0, text.length >> 1));
  }
  return typeof body === 'string' ? Buffer.from(body) : body;
}
