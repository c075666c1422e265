/** BullMQ's own spans, beside ours: a job's, from where it was added to where it ran. */
import type { Telemetry } from 'bullmq';
import { packageVersion } from '../src/package.ts';

/** After a tracer is registered for the process; loaded then only. */
export async function telemetryOf(): Promise<Telemetry> {
  const { BullMQOtel } = await import('bullmq-otel');
  return new BullMQOtel({ tracerName: 'tokenhouse', version: packageVersion });
}
