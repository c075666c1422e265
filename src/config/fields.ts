/** What the text of a setting may be, as zod schemas. The messages say how to mend it and never hold the value. */

import { isIP } from 'node:net';
import { CronExpressionParser } from 'cron-parser';
import { z } from 'zod';
import { readRedisUrl } from './redis-url.ts';

/** A setting's text parsed; the message of a failure completes the sentence "NAME …". */
export type Field<T> = z.ZodType<T, string>;

/** A whole number, both bounds included. */
export function whole(min: number, max: number): Field<number> {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

/** A number above 0 that may have decimals. */
export function positive(max: number): Field<number> {
  const message = `must be a number above 0, ${max} at the most`;
  return z
    .string()
    .regex(/^\d{1,9}(\.\d{1,6})?$/, message)
    .transform(Number)
    .refine((value) => value > 0 && value <= max, message);
}

export function oneOf<const T extends string>(...words: readonly [T, ...T[]]): Field<T> {
  return z.enum(words, `must be one of ${words.join(', ')}`) as Field<T>;
}

/** What is sent in an HTTP header: a blank, a quote or a line break is a slip of the copying, and fails the request at best. */
export const headerValue: Field<string> = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks or line breaks: copy it again')
  .regex(/^[^"'`]*$/, 'must not hold quotes: remove them');

/** `http` or `https`, returned without a trailing slash. */
export const baseUrl: Field<string> = z.string().transform((text, context) => {
  const complain = (message: string) => {
    context.issues.push({ code: 'custom', message, input: '' });
    return z.NEVER;
  };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    return complain('must be a URL that starts with https:// (or http://)');
  if (url.username !== '' || url.password !== '')
    return complain('must not hold a user name or password: set the API key instead');
  if (text.includes('?') || text.includes('#')) {
    return complain('must not hold a query or a fragment: Azure’s api-version goes to API_VERSION');
  }
  return url.href.replace(/\/+$/, '');
});

/** A name or an address to listen at, without a port; an IPv6 address may stand in brackets and loses them. */
export const listenHost: Field<string> = z
  .string()
  .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
  .refine(
    (host) => isIP(host) !== 0 || /^[a-z\d][\w.-]*$/i.test(host),
    'must be an address such as 127.0.0.1 or ::1, or a name, without a port',
  );

/** A secret that people make up: long enough not to be guessed. */
export const token: Field<string> = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks or line breaks')
  .min(16, 'must be 16 characters or more: `openssl rand -hex 24` makes one');

/** A URL whose path or query is a secret itself: in clear text it stays on this machine. */
export const webhookUrl: Field<string> = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}, 'must be a URL that starts with https:// (http:// only to this machine)');

/** `http` or `https` without a trailing slash: a collector in the same network is commonly reached in clear text. */
export const otlpUrl: Field<string> = z
  .string()
  .refine(
    (text) => /^https?:\/\//i.test(text) && URL.canParse(text),
    'must be a URL that starts with http:// or https://',
  )
  .refine(
    (text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''),
    'must not hold a user name or password: set OTEL_EXPORTER_OTLP_HEADERS instead',
  )
  .transform((text) => text.replace(/\/+$/, ''));

/** `http` or `https`; who follows it sends nothing along. */
export const priceListUrl: Field<string> = z
  .string()
  .refine(
    (text) => /^https?:\/\//i.test(text) && URL.canParse(text),
    'must be a URL that starts with https:// (or http://)',
  )
  .refine(
    (text) => !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''),
    'must not hold a user name or password',
  );

/** `http` or `https`, where curl also takes a bare `host:port`; a user name and password may be in it. */
export const proxyUrl: Field<string> = z
  .string()
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .refine(
    (text) => /^https?:\/\//i.test(text) && URL.canParse(text),
    'must be the URL of a proxy, such as http://proxy.example:3128, with what is special in the password percent-encoded',
  );

/** Whether a host name, as a URL has it or a listener takes it, is this machine and no other. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\]|::1)$/i.test(host);

/** `key=value,key2=value2`; a value may hold `=`, neither may hold a comma. */
export const pairs: Field<Readonly<Record<string, string>>> = z.string().transform((text, context) => {
  const entries = text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, Math.max(at, 0)).trim(), pair.slice(at + 1).trim()] as const;
  });
  const keys = new Set(entries.map(([key]) => key));
  if (keys.has('') || keys.size < entries.length) {
    context.issues.push({
      code: 'custom',
      message: 'must be key=value pairs with commas between, each key once',
      input: '',
    });
    return z.NEVER;
  }
  return Object.fromEntries(entries);
});

/** A number of days, or the word `none` for "kept for ever": null. */
export const daysOrNone: Field<number | null> = z
  .string()
  .regex(/^(none|[1-9]\d{0,4})$/, 'must be a whole number of days, or none')
  .transform((text) => (text === 'none' ? null : Number(text)));

/** A number of minutes, or the word `none` for "not at all": null. */
export const minutesOrNone: Field<number | null> = z
  .string()
  .regex(/^(none|\d{1,6})$/, 'must be a whole number of minutes, or none')
  .transform((text) => (text === 'none' ? null : Number(text)));

const UNITS = ['K', 'M', 'G', 'T'];

function bytesOfSize(text: string): number {
  const [, number, unit] = /^([\d.]+) ?([KMGT])/i.exec(text) ?? [];
  return Number(number) * 1000 ** (UNITS.indexOf(unit?.toUpperCase() ?? '') + 1);
}

/** As DuckDB reads it. */
export const memorySize: Field<string> = z
  .string()
  .regex(/^[1-9]\d*(\.\d+)? ?([KMGT]i?B)$/i, 'must be a size such as 512MB or 2GB')
  // A batch and a stretch of days to publish fit into it, whatever is held: tried with 300,000 rows.
  .refine((text) => bytesOfSize(text) >= 128_000_000, 'must be 128MB or more: with less no run could end');

/** Names that are used as `NAME_API_KEY` in the environment and in the `source` column. */
export const sourceNames: Field<readonly string[]> = z.string().transform((text, context) => {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => !/^[a-z][a-z0-9_]*$/.test(name))) {
    const message = 'must be names with commas between, each of small letters, digits and _, a letter first';
    context.issues.push({ code: 'custom', message, input: '' });
    return z.NEVER;
  }
  if (new Set(names).size < names.length) {
    context.issues.push({ code: 'custom', message: 'names a source twice', input: '' });
    return z.NEVER;
  }
  return names;
});

/** A schedule: cron of five fields, or six with seconds in front. */
export const cron: Field<string> = z.string().transform((text, context) => {
  const fields = text.trim().split(/\s+/);
  // The parser fills up what is missing: `* *` would run every second.
  if ((fields.length === 5 || fields.length === 6) && isCron(fields.join(' '))) return fields.join(' ');
  const message = 'must be cron of five fields, such as "17 2 * * *" (minute, hour, day, month, weekday)';
  context.issues.push({ code: 'custom', message, input: '' });
  return z.NEVER;
});

/** The same, or the word `off`. */
export const cronOrOff: Field<string> = z.string().transform((text, context) => {
  if (text.trim() === 'off') return 'off';
  const parsed = cron.safeParse(text);
  if (parsed.success) return parsed.data;
  context.issues.push({
    code: 'custom',
    message: `${parsed.error.issues[0]?.message}, or off`,
    input: '',
  });
  return z.NEVER;
});

function isCron(text: string): boolean {
  try {
    // It also has to come true: the 30th of February never does.
    CronExpressionParser.parse(text, { tz: 'UTC' }).next();
    return true;
  } catch {
    return false;
  }
}

export const timeZone: Field<string> = z.string().refine((text) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}, 'must be a time zone such as UTC or Europe/Berlin');

/** What names of queues begin with. A colon would part Redis' keys elsewhere. */
export const queueName: Field<string> = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/i, 'must be of letters, digits, - and _');

export const text: Field<string> = z.string();

/** A name or a path; a blank at its end is a slip that would make another name of it, as a file of Windows' line ends does. */
export const name: Field<string> = z
  .string()
  .regex(/^\S(.*\S)?$/s, 'must not begin or end with a blank or a line break');

/** Kept as text: who connects takes it apart again, and it is a secret until then. */
export const redisUrl: Field<string> = z.string().superRefine((text, context) => {
  const read = readRedisUrl(text);
  if (typeof read === 'string') context.addIssue({ code: 'custom', message: read, input: '' });
});

/** What `pg` reads: one host, or none and the folder of a socket as `?host=/run/postgresql`. */
export const postgresUrl: Field<string> = z
  .string()
  .regex(/^postgres(ql)?:\/\//i, 'must be a URL that starts with postgres://')
  .refine(
    // `pg` knows of no second host, and would look for a name with a comma in it.
    (text) => /^\S+$/.test(text) && URL.parse(text, 'postgres://base')?.hostname.includes(',') === false,
    'must be one URL, postgres://user:password@host:5432/database, with what is special in the password percent-encoded',
  );
