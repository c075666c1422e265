import { context, propagation, trace } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';
import { everyNth, failing } from '../../src/emulator/faults.ts';
import { createLog } from '../../src/log.ts';
import { startTracing } from '../../src/observe/tracing.ts';
import { packageVersion } from '../../src/package.ts';
import { collectorOf } from '../support/collector.ts';
import { houseOf } from '../support/house.ts';
import { runInHouse } from '../support/run-in-house.ts';
import { TextSink } from '../support/streams.ts';

async function tracingTo(url: string | null, headers: Record<string, string> = {}) {
  const logged = new TextSink();
  const log = createLog({ level: 'trace', format: 'json', color: false }, logged, false);
  const tracing = await startTracing({ url, headers, serviceName: 'house' }, log);
  onTestFinished(() => tracing.shutdown());
  return { tracing, logged };
}

test('a run is a trace: pieces, pages and commits below the run, with counts and the status of each reply', async () => {
  const collector = await collectorOf();
  const { tracing } = await tracingTo(`${collector.url}/v1/traces`, { authorization: 'Bearer collector' });
  const house = await houseOf({ rows: 250, faults: { rules: [everyNth(2, failing(503))] } });
  const { tracer } = tracing;
  const { counts, runId } = await runInHouse(house, {
    // Who looks ahead for several walkers may be stopped in the middle of a page.
    env: { BATCH_ROWS: '100', CONCURRENCY: '1' },
    environment: { tracer },
  });
  await tracing.shutdown();

  expect(collector.posts[0]).toMatchObject({
    path: '/v1/traces',
    headers: { authorization: 'Bearer collector', 'content-type': 'application/json' },
  });
  expect(collector.resource()).toMatchObject({ 'service.name': 'house', 'service.version': packageVersion });
  const spans = collector.spans();
  const [run] = spans.filter(({ name }) => name === 'run openai');
  expect(run?.parentSpanId ?? '').toBe('');
  expect(run?.attributes).toMatchObject({
    'tokenhouse.source': 'openai',
    'tokenhouse.run.kind': 'sync',
    'tokenhouse.run.id': runId,
    'tokenhouse.run.status': 'landed',
    'tokenhouse.run.retries': counts.retries,
    'tokenhouse.rows.inserted': 250,
  });
  const below = spans.filter((span) => span !== run);
  expect(new Set(below.map(({ name }) => name))).toEqual(new Set(['piece', 'page', 'commit']));
  const pieces = below.filter(({ name }) => name === 'piece');
  expect(pieces.length).toBeGreaterThan(0);
  for (const piece of pieces) {
    expect(piece.parentSpanId).toBe(run?.spanId);
    expect(piece.attributes['tokenhouse.piece.to']).toMatch(/^2025-/);
  }
  const parents = [run, ...pieces].map((span) => span?.spanId);
  for (const span of below) {
    expect(span.traceId).toBe(run?.traceId);
    expect(parents).toContain(span.parentSpanId);
  }
  const inPieces = below.filter(({ name, parentSpanId }) => name === 'page' && parentSpanId !== run?.spanId);
  expect(inPieces.length).toBeGreaterThan(2);
  const pages = below.filter(({ name }) => name === 'page');
  expect(pages).toHaveLength(counts.pages);
  expect(pages[0]?.attributes).toMatchObject({
    'tokenhouse.page.size': expect.any(Number),
    'http.response.status_code': 200,
  });
  const replies = pages.flatMap(({ events }) => events);
  expect(replies.filter(({ attributes }) => attributes['http.response.status_code'] === 503)).toHaveLength(
    counts.retries,
  );
  const commits = below.filter(({ name }) => name === 'commit');
  const inserted = commits.map(({ attributes }) => Number(attributes['tokenhouse.rows.inserted']));
  expect(inserted.reduce((sum, rows) => sum + rows, 0)).toBe(250);
});

test('a run that fails is an error of its class, and no id, URL or text is in any span', async () => {
  const collector = await collectorOf();
  const { tracing } = await tracingTo(`${collector.url}/v1/traces`);
  const house = await houseOf({ rows: 50, quirks: { apiKey: 'another key' } });
  await runInHouse(house, { environment: { tracer: tracing.tracer } }).catch(() => undefined);
  await tracing.shutdown();
  const run = collector.spans().find(({ name }) => name === 'run openai');
  expect(run).toMatchObject({
    attributes: { 'error.type': 'TerminalError' },
    status: { code: 2, message: 'TerminalError' },
  });
  expect(JSON.stringify(collector.spans())).not.toMatch(/chatcmpl|127\.0\.0\.1|after=|another key/);
});

test('spans of others are of the same trace, in the process and across a queue', async () => {
  const collector = await collectorOf();
  const { tracing } = await tracingTo(`${collector.url}/v1/traces`);
  const house = await houseOf({ rows: 20 });
  const carrier: Record<string, string> = {};
  const theirs = trace.getTracer('a queue');
  // As bullmq-otel does it: the one who adds the job writes its context down, the worker goes on from there.
  theirs.startActiveSpan('add', (span) => {
    propagation.inject(context.active(), carrier);
    span.end();
  });
  expect(carrier['traceparent']).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  const extracted = propagation.extract(context.active(), carrier);
  await context.with(extracted, () =>
    theirs.startActiveSpan('process', async (span) => {
      await runInHouse(house, { environment: { tracer: tracing.tracer } });
      span.end();
    }),
  );
  const broken = { traceparent: '00-00000000000000000000000000000000-0000000000000000-01' };
  expect(propagation.extract(context.active(), broken)).toBe(context.active());
  await tracing.shutdown();
  const span = (name: string) => collector.spans().find((one) => one.name === name);
  expect(new Set(collector.spans().map(({ traceId }) => traceId)).size).toBe(1);
  expect(span('process')?.parentSpanId).toBe(span('add')?.spanId);
  expect(span('run openai')?.parentSpanId).toBe(span('process')?.spanId);
});

test.each([
  ['refuses', 'http://127.0.0.1:9/v1/traces', /ECONNREFUSED|no answer in time/],
  ['answers 400', null, /status 400/],
  ['never answers', 'silent', /no answer in time|Error/],
])('a collector that %s costs one warning and no run', async (_, url, reason) => {
  const collector = await collectorOf((_request, response) => {
    if (url !== 'silent') response.writeHead(400).end('canary reply');
  });
  const target = url?.startsWith('http') ? url : `${collector.url}/v1/traces?key=canary`;
  const { tracing, logged } = await tracingTo(target, { 'x-key': 'canary' });
  const house = await houseOf({ rows: 50 });
  const startedMs = performance.now();
  for (let run = 0; run < 2; run++) {
    expect((await runInHouse(house, { environment: { tracer: tracing.tracer } })).status).toBe('landed');
  }
  // An exporter left to itself waits ten seconds for each answer.
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  const stoppedMs = performance.now();
  await tracing.shutdown();
  expect(performance.now() - stoppedMs).toBeLessThan(9_000);
  const lines = logged.text.split('\n').filter((line) => line.includes('traces could not be sent'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(String(lines[0])).reason).toMatch(reason);
  expect(logged.text).not.toContain('canary');
});

test('without a collector there is no tracer, and nothing of the SDK is loaded', async () => {
  const { tracing } = await tracingTo(null);
  expect(tracing.tracer).toBeNull();
  await tracing.shutdown();
  const { execFileSync } = await import('node:child_process');
  const script = `
    import { registerHooks } from 'node:module';
    let loaded = 0;
    registerHooks({
      resolve(name, context, next) {
        if (name.includes('opentelemetry')) loaded++;
        return next(name, context);
      },
    });
    const { startTracing } = await import('./src/observe/tracing.ts');
    await import('./src/run/run-source.ts');
    await startTracing({ url: process.argv[1] ?? null, headers: {}, serviceName: 'x' }, null);
    console.log(loaded);`;
  const options = { encoding: 'utf8' as const, cwd: new URL('../..', import.meta.url) };
  const loadedBy = (...args: string[]) =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', script, ...args], options));
  expect(loadedBy()).toBe(0);
  expect(loadedBy('http://127.0.0.1:9')).toBeGreaterThan(5);
});
