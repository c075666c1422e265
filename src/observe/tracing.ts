/** OpenTelemetry: spans of runs, and of all else that asks the API for a tracer, to a collector over OTLP/HTTP. */
import http from 'node:http';
import https from 'node:https';
import type { TextMapPropagator, Tracer } from '@opentelemetry/api';
import type { TracingSettings } from '../config.ts';
import type { Log } from '../log.ts';
import { packageVersion } from '../package.ts';
import { isUnknownAuthority, TRUST_AUTHORITY } from '../source/connection-error.ts';

export interface Tracing {
  /** null: no collector is set, and no part of OpenTelemetry's SDK was loaded. */
  readonly tracer: Tracer | null;
  /** Sends what is left, for a few seconds at the most. */
  shutdown(): Promise<void>;
}

/** A collector that does not answer must not keep an ended command, or a stopped worker, alive. */
const SHUTDOWN_SECONDS_MAX = 3;
const EXPORT_SECONDS_MAX = 5;

const OFF: Tracing = { tracer: null, shutdown: async () => {} };

/**
 * Registers a tracer for the whole process, so that spans of BullMQ and ours are of one trace. To be called once.
 *
 * Spans are sent in the background; one that cannot be sent is dropped, and the first time that is logged. Loading the SDK
 * takes some 0.1 s, so it is loaded only when a collector is set.
 */
export async function startTracing(settings: TracingSettings, log: Log): Promise<Tracing> {
  const { url, headers, serviceName } = settings;
  if (url === null) return OFF;
  const [api, sdk, otlp, resources, hooks] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/context-async-hooks'),
  ]);
  const exporter = new otlp.OTLPTraceExporter({
    url,
    headers: { ...headers },
    timeoutMillis: EXPORT_SECONDS_MAX * 1000,
    // Agents of the exporter's own would know of no proxy.
    httpAgentOptions: (protocol) => (protocol === 'https:' ? https.globalAgent : http.globalAgent),
  });
  let isTold = false;
  const tellOnce = (reason: string): void => {
    const words =
      'traces could not be sent and are dropped: check OTEL_EXPORTER_OTLP_ENDPOINT. Runs go on without';
    if (!isTold) log.warn({ reason }, words);
    isTold = true;
  };
  const processor = new sdk.BatchSpanProcessor({
    exportTimeoutMillis: EXPORT_SECONDS_MAX * 1000,
    exporter: {
      export(spans, done) {
        exporter.export(spans, (result) => {
          if (result.error !== undefined) tellOnce(reasonOf(result.error));
          done(result);
        });
      },
      forceFlush: () => exporter.forceFlush(),
      shutdown: () => exporter.shutdown(),
    },
  });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': serviceName,
      'service.version': packageVersion,
      'process.pid': process.pid,
    }),
    spanProcessors: [processor],
  });
  api.trace.setGlobalTracerProvider(provider);
  api.context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(traceparent(api));
  return {
    tracer: provider.getTracer('tokenhouse', packageVersion),
    async shutdown() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(() => {
        tellOnce('no answer in time');
        resolve();
      }, SHUTDOWN_SECONDS_MAX * 1000);
      // What cannot be sent was told of by the exporter.
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
      // Whoever asks for a tracer from now on gets one that does nothing.
      api.trace.disable();
      api.context.disable();
      api.propagation.disable();
    },
  };
}

/** A status or a code. The message of a failed export may hold the collector's whole reply. */
function reasonOf(error: Error): string {
  const code = 'code' in error ? error.code : null;
  if (typeof code === 'number') return `status ${code}`;
  if (typeof code !== 'string' || !/^[A-Z][A-Z0-9_]{1,60}$/.test(code)) return error.name;
  return isUnknownAuthority(code) ? `${code}: ${TRUST_AUTHORITY}` : code;
}

/**
 * Carries a trace from whoever adds a job to the worker that runs it, as W3C's `traceparent`.
 *
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 */
function traceparent({ trace, isSpanContextValid }: typeof import('@opentelemetry/api')): TextMapPropagator {
  return {
    inject(context, carrier, setter) {
      const span = trace.getSpanContext(context);
      if (span === undefined || !isSpanContextValid(span)) return;
      const flags = span.traceFlags.toString(16).padStart(2, '0');
      setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-${flags}`);
    },
    extract(context, carrier, getter) {
      const given = getter.get(carrier, 'traceparent');
      const found = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(String(given ?? ''));
      const [, traceId, spanId, flags] = found ?? [];
      if (traceId === undefined || spanId === undefined || flags === undefined) return context;
      const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
      return isSpanContextValid(span) ? trace.setSpanContext(context, span) : context;
    },
    fields: () => ['traceparent'],
  };
}
