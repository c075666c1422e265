import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ReplyTooLargeError } from '../../src/errors.ts';
import { completion, listOf, never, rejection, request, serve, sourceOf } from './support.ts';

const MEBIBYTE = 1024 * 1024;
const long = (id: string) =>
  completion(id, 5, {
    choices: [{ index: 0, message: { role: 'assistant', content: 'x'.repeat(MEBIBYTE) } }],
  });

/** A reply that goes on until nobody listens any more. */
async function endless(beginning: string) {
  let sent = 0;
  const server = await serve({
    raw(response) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(beginning);
      const chunk = Buffer.alloc(64 * 1024, 'a');
      const more = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    },
  });
  return { server, sent: () => sent };
}

describe('a reply above MAX_RESPONSE_MB', () => {
  test('is given up, is not asked for again, and names the setting and its first row', async () => {
    const { server, sent } = await endless(
      '{"object":"list","data":[{"object":"chat.completion","id":"chatcmpl-7","x":"',
    );
    await using _ = server;
    const source = sourceOf(server.url, { responseBytesMax: MEBIBYTE });
    const error = await rejection(source.fetchPage(request(), never));
    expect(error).toBeInstanceOf(ReplyTooLargeError);
    expect(error.message).toMatch(/larger than 1 MB \(MAX_RESPONSE_MB\), from the row chatcmpl-7 on/);
    expect((error as ReplyTooLargeError).firstRowId).toBe('chatcmpl-7');
    expect(source.counts()).toEqual({ requests: 1, retries: 0 });
    expect(sent()).toBeLessThan(64 * MEBIBYTE);
  });

  test('counts as it is unpacked: a small one that unpacks to much is given up too', async () => {
    const body = gzipSync(Buffer.from(JSON.stringify(listOf(['a'.repeat(40 * MEBIBYTE)]))));
    expect(body.length).toBeLessThan(MEBIBYTE);
    await using server = await serve({
      raw(response) {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length });
        response.end(body);
      },
    });
    const source = sourceOf(server.url, { responseBytesMax: 2 * MEBIBYTE });
    const error = await rejection(source.fetchPage(request(), never));
    expect(error).toBeInstanceOf(ReplyTooLargeError);
    expect((error as ReplyTooLargeError).firstRowId).toBeNull();
  });

  test.each([
    ['with its length told', true],
    ['in chunks', false],
  ])('one that just fits is read to the byte, %s', async (_title, isTold) => {
    const text = JSON.stringify(listOf([long('a'), long('b')], false));
    await using server = await serve({
      raw(response) {
        response.writeHead(200, isTold ? { 'content-length': Buffer.byteLength(text) } : {});
        response.end(text);
      },
    });
    const { items } = await sourceOf(server.url, { responseBytesMax: text.length }).fetchPage(
      request(),
      never,
    );
    expect(items.map(({ raw }) => Buffer.from(raw).toString())).toEqual(
      [long('a'), long('b')].map((item) => JSON.stringify(item)),
    );
    const error = await rejection(
      sourceOf(server.url, { responseBytesMax: text.length - 1 }).fetchPage(request(), never),
    );
    expect(error).toBeInstanceOf(ReplyTooLargeError);
  });
});

test('what is no UTF-8 becomes U+FFFD, and a byte order mark is none of the text', async () => {
  const [before, after] = JSON.stringify(listOf([completion('a', 5, { model: '?' })], false)).split('?');
  const body = Buffer.concat([
    Buffer.from([0xef, 0xbb, 0xbf]),
    Buffer.from(String(before)),
    Buffer.from([0xff, 0xc3]),
    Buffer.from(String(after)),
  ]);
  await using server = await serve({
    raw(response) {
      response.writeHead(200);
      response.end(body);
    },
  });
  const page = await sourceOf(server.url).fetchPage(request(), never);
  expect(page.items[0]).toMatchObject({ id: 'a', model: '\ufffd\ufffd', rejection: null });
});
