/** Receivers of alerts and of heartbeats. */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Alert } from '../../src/alerts/alerts.ts';

export interface Webhook {
  /** With a secret in its path. */
  readonly url: string;
  readonly posts: { readonly headers: IncomingHttpHeaders; readonly alert: Alert }[];
}

/** @param answer to the n-th post, from 1; a status, or what to do. */
export async function webhookOf(
  answer: (nth: number) => number | ((response: ServerResponse) => void) = () => 200,
): Promise<Webhook> {
  const posts: Webhook['posts'] = [];
  const server = createServer(async (request, response) => {
    posts.push({ headers: request.headers, alert: JSON.parse(await text(request)) as Alert });
    const given = answer(posts.length);
    if (typeof given === 'function') given(response);
    else response.writeHead(given, { location: '/elsewhere' }).end('canary-reply');
  });
  return { url: `${await listening(server)}/T0/canary-secret`, posts };
}

export interface Switch {
  /** With a secret in its path and its query. */
  readonly url: string;
  /** Method and what follows the host, as they came. */
  readonly asked: string[];
}

/** A dead man's switch. @param answer as of `webhookOf`. */
export async function switchOf(
  answer: (nth: number) => number | ((response: ServerResponse) => void) = () => 200,
): Promise<Switch> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const given = answer(asked.length);
    if (typeof given === 'function') given(response);
    else response.writeHead(given, { location: '/elsewhere' }).end('canary-reply');
  });
  return { url: `${await listening(server)}/ping/canary-secret?rid=canary-token`, asked };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
