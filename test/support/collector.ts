/** A collector of traces: what an OTLP/HTTP exporter posts, as JSON. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

const attributesShape = z
  .array(
    z.object({
      key: z.string(),
      value: z.object({}).catchall(z.unknown()),
    }),
  )
  .default([])
  .transform((all) =>
    Object.fromEntries(
      all.map(({ key, value }) => [key, Object.values(value)[0] as string | number | boolean]),
    ),
  );
const spanShape = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  attributes: attributesShape,
  events: z.array(z.object({ name: z.string(), attributes: attributesShape })).default([]),
  status: z.object({ code: z.number().default(0), message: z.string().optional() }),
});
const postShape = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: attributesShape }),
      scopeSpans: z.array(z.object({ spans: z.array(spanShape) })),
    }),
  ),
});
export type SeenSpan = z.infer<typeof spanShape>;

export interface Collector {
  readonly url: string;
  readonly posts: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  spans(): SeenSpan[];
  /** Attributes of the resource that sent the first post. */
  resource(): Record<string, unknown>;
}

/** @param answer in place of a 200. */
export async function collectorOf(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  },
): Promise<Collector> {
  const posts: Collector['posts'] = [];
  const server = createServer(async (request, response) => {
    posts.push({ path: request.url ?? '', headers: request.headers, body: await text(request) });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const parsed = () => posts.flatMap(({ body }) => postShape.parse(JSON.parse(body)).resourceSpans);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    spans: () => parsed().flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    resource: () => parsed()[0]?.resource.attributes ?? {},
  };
}
