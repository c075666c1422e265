/** Logs are events with fields, on stderr: ids and counts, never a key, a prompt or an answer. */
import type { Writable } from 'node:stream';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import type { LogSettings } from './config.ts';

export type Log = Logger;

/**
 * Fields that would hold a secret or what people wrote. Nothing logs them; should something once, this is the net below it.
 * pino looks one level deep for each `*`.
 */
const SECRET_FIELDS = ['apiKey', 'api_key', 'api-key', 'authorization', 'Authorization', 'password', 'token'];
const TEXT_FIELDS = ['raw', 'body', 'content', 'messages', 'choices'];

/**
 * @param output where the lines go; stderr.
 * @param isTty whether a person reads them there (for the format `auto`).
 */
export function createLog(settings: LogSettings, output: Writable, isTty: boolean): Log {
  const isPretty = settings.format === 'pretty' || (settings.format === 'auto' && isTty);
  const options = {
    level: settings.level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: errorFields(settings.level === 'debug' || settings.level === 'trace') },
    redact: {
      paths: [...SECRET_FIELDS, ...TEXT_FIELDS].flatMap((name) => [
        `["${name}"]`,
        `*["${name}"]`,
        `*.*["${name}"]`,
      ]),
      // A count under such a name, as in `{ messages: 12 }`, may stay.
      censor: (value: unknown) => (typeof value === 'number' ? value : '[removed]'),
    },
  };
  if (!isPretty) return pino(options, output);
  // As a stream and not as pino's transport: a worker thread would lose the last lines of a process that ends at once.
  const stream = pretty({
    destination: output,
    colorize: settings.color && isTty,
    translateTime: 'HH:MM:ss',
    singleLine: true,
  });
  return pino(options, stream);
}

/** An error as class and message. pino's own would print every field and the cause, and a vendor's may hold the request. */
const errorFields =
  (withStack: boolean) =>
  (error: unknown): object => {
    if (!(error instanceof Error)) return { type: typeof error };
    return { type: error.name, message: error.message, ...(withStack ? { stack: error.stack } : {}) };
  };
