/** An HTTP proxy: tunnels by CONNECT, forwards what comes with a whole URL, and tells what passed it. */
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ProxyServer {
  /** With a user and a password, which it asks for. */
  readonly url: string;
  /** Host and port. */
  readonly address: string;
  /** `host:port` of every request that passed, in order. */
  readonly passed: string[];
  /** The same of those that it passed on no further. */
  readonly refused: string[];
}

/** @param refusal status that it answers with in place of passing anything on. */
export async function proxyOf(refusal: number | null = null): Promise<ProxyServer> {
  const passed: string[] = [];
  const refused: string[] = [];
  const wanted = `Basic ${Buffer.from('canary-user:canary-password').toString('base64')}`;
  const refusalOf = ({ headers }: IncomingMessage): number | null =>
    refusal ?? (headers['proxy-authorization'] === wanted ? null : 407);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '');
    const status = refusalOf(request);
    if (status !== null) {
      refused.push(url.host);
      return response.writeHead(status).end();
    }
    passed.push(url.host);
    const { 'proxy-authorization': _, ...headers } = request.headers;
    // An agent of its own: the global one asks the proxy, which would be this one.
    const options = { method: request.method ?? 'GET', headers, agent: false };
    request.pipe(
      httpRequest(url, options, (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      }).on('error', () => response.destroy()),
    );
  });
  server.on('connect', (request, socket) => {
    socket.on('error', () => {});
    const status = refusalOf(request);
    if (status !== null) {
      refused.push(request.url ?? '');
      return socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
    }
    const target = new URL(`http://${request.url}`);
    passed.push(request.url ?? '');
    const upstream = connect(Number(target.port || 80), target.hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://canary-user:canary-password@${address}`, address, passed, refused };
}
