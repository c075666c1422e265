/** Price lists fetched over HTTP, from a server of the test. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { TerminalError, TransientError } from '../../src/errors.ts';
import { useProxy } from '../../src/proxy.ts';
import { readPriceListText } from '../../src/run/price-list-source.ts';
import { proxyOf } from '../support/proxy.ts';
import { SILENT } from '../support/run-in-house.ts';

/** Paths that were asked for, and where. */
async function serverOf(answer: RequestListener) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    answer(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const read = (url: string, bytesMax?: number): Promise<string> =>
  readPriceListText(url, {
    signal: new AbortController().signal,
    delayScale: 0.001,
    ...(bytesMax === undefined ? {} : { bytesMax }),
  });

/** By path: what it answers. */
const pages: RequestListener = ({ url }, response) => {
  const to = (location: string): void => void response.writeHead(302, { location }).end();
  if (url === '/list?token=secret') return void response.end('{"a": 1}');
  if (url === '/moved') return to('/list?token=secret');
  if (url === '/ftp') return to('ftp://files.example/list');
  if (url === '/file') return to('file:///etc/passwd');
  if (url === '/round') return to('/round');
  if (url === '/latin') return void response.end(Buffer.from([0x7b, 0xe9]));
  if (url === '/bomb') {
    return void response
      .writeHead(200, { 'content-encoding': 'gzip' })
      .end(gzipSync(Buffer.alloc(2 * 1024 * 1024, 32)));
  }
  if (url === '/gone') return void response.writeHead(404).end('canary');
  response.writeHead(503).end('canary');
};

test('what a URL answers, and where it leads', async () => {
  const { url } = await serverOf(pages);
  expect(await read(`${url}/list?token=secret`)).toBe('{"a": 1}');
  expect(await read(`${url}/moved`)).toBe('{"a": 1}');
});

test.each([
  ['/ftp', /^the list at 127\.0\.0\.1:\d+ leads to what is neither https:\/\/ nor http:\/\/$/],
  ['/file', /leads to what is neither https:\/\/ nor http:\/\/$/],
  ['/round', /leads elsewhere more than 5 times$/],
  ['/latin', /is no text \(UTF-8\)$/],
  ['/bomb', /is larger than 1 MB: it is no price list$/],
  ['/gone', /answered with status 404: check the URL$/],
] as const)('%s is refused in a word, without the path', async (path, message) => {
  const { url } = await serverOf(pages);
  const error: unknown = await read(`${url}${path}`, 1024 * 1024).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Error);
  expect(String((error as Error).message)).toMatch(message);
  expect(String((error as Error).message)).not.toMatch(/secret|canary/);
});

test('a failing server is asked three times, a missing page once, and neither is told whole', async () => {
  const { url, asked } = await serverOf(pages);
  await expect(read(`${url}/away`)).rejects.toThrow(TransientError);
  expect(asked).toEqual(['/away', '/away', '/away']);
  await expect(read(`${url}/gone`)).rejects.toThrow(TerminalError);
  expect(asked).toHaveLength(4);
});

test.each([
  'ftp://files.example/list',
  'file:///etc/passwd',
  'data:,x',
  'http://user:pass@files.example/list',
])('%s is no URL of a price list', async (url) => {
  const error: unknown = await read(url).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TerminalError);
  expect(String(error)).not.toMatch(/user:|:pass/);
});

test('it passes the proxy that is set', async () => {
  const [{ url }, proxy] = [await serverOf(pages), await proxyOf()];
  const settings = { https: null, http: proxy.url, bypass: null, startedWith: false };
  const withoutProxy = useProxy(settings, SILENT);
  onTestFinished(withoutProxy);
  expect(await read(`${url}/list?token=secret`)).toBe('{"a": 1}');
  expect(proxy.passed).toEqual([new URL(url).host]);
});

test('a file that is missing, a folder or too large is named', async () => {
  await expect(read('/nowhere/list.json')).rejects.toThrow('/nowhere/list.json cannot be read (ENOENT)');
  await expect(read('/tmp')).rejects.toThrow('/tmp is a folder: name a file');
  await expect(read(import.meta.filename, 10)).rejects.toThrow(/is larger than 0 MB/);
});
