/** What Redis and PostgreSQL say when something is wrong, in our words: whether trying again can help, and what to mend. */
import { TerminalError, TokenhouseError, TransientError } from '../src/errors.ts';

export type QueueSetting = 'REDIS_URL' | 'QUEUE_URL';

/**
 * @param error of ioredis, pg or BullMQ.
 * @returns a {@link TransientError} or {@link TerminalError} that names the setting; an error that is none of theirs (a slip in
 * our own code, say) comes back as it is.
 */
export function queueError(error: unknown, setting: QueueSetting): unknown {
  if (!(error instanceof Error) || error instanceof TokenhouseError) return error;
  const told = toldBy(error);
  const rows = setting === 'REDIS_URL' ? [...REDIS, ...NETWORK] : [...POSTGRES, ...NETWORK];
  const row = rows.find(({ pattern }) => pattern.test(told));
  if (row === undefined) return error;
  const sentence = row.sentence.replaceAll('SETTING', setting);
  const code = /\b(?:E[A-Z]{4,}|ERR_[A-Z_]+|[A-Z]+_[A-Z_]+)\b/.exec(codeOf(error))?.[0];
  const message = code === undefined ? sentence : `${sentence} (${code})`;
  // ioredis hangs the command on its error, and that of a login holds the password.
  const options = /^(?:hello|auth)$/i.test(commandOf(error)) ? {} : { cause: error };
  return row.again ? new TransientError(message, options) : new TerminalError(message, options);
}

interface Row {
  /** Looked for in the code and the message of the vendor's error, and of the one below it. */
  readonly pattern: RegExp;
  /** Whether trying again can help. */
  readonly again: boolean;
  readonly sentence: string;
}

const mend = (pattern: RegExp, sentence: string): Row => ({ pattern, again: false, sentence });
const wait = (pattern: RegExp, sentence: string): Row => ({ pattern, again: true, sentence });

const REDIS: readonly Row[] = [
  mend(
    /sentinel .*\b(?:NOAUTH|WRONGPASS)\b/,
    'a Sentinel refuses the login: put ?sentinelPassword=… (and sentinelUsername=…) behind REDIS_URL',
  ),
  mend(
    /\bWRONGPASS\b|ERR invalid password/,
    'Redis refuses the user or the password in REDIS_URL: set it to redis://user:password@host',
  ),
  mend(/\bNOAUTH\b/, 'Redis asks for a password: set REDIS_URL to redis://user:password@host'),
  mend(
    /\bNOPERM\b/,
    'the user in REDIS_URL lacks rights: grant it all commands on the keys tokenhouse:* ({tokenhouse}:* in a Cluster)',
  ),
  mend(/\bDENIED\b/, 'Redis is in protected mode: give it a password and put that into REDIS_URL'),
  mend(
    /\b(?:MOVED|ASK) \d|CROSSSLOT|SELECT is not allowed in cluster mode/,
    'REDIS_URL leads to a node of a Cluster: write it as redis+cluster://host,host',
  ),
  mend(/cluster support disabled/, 'REDIS_URL leads to a Redis that is no Cluster: write it as redis://host'),
  mend(
    /DB index is out of range/,
    'Redis has no database of the number that REDIS_URL ends in: take another',
  ),
  mend(
    /unknown command .?SENTINEL/i,
    'REDIS_URL names a Redis where a Sentinel should be: a Sentinel listens on 26379 as a rule',
  ),
  mend(
    /got an invalid reply: null|No such master/,
    'the Sentinels know no group of the name in REDIS_URL: it stands behind the hosts, redis+sentinel://host,host/name',
  ),
  mend(
    /Redis version needs to be/,
    'the Redis of REDIS_URL is too old: 5.0 is the oldest that will do, 6.2 is better',
  ),
  wait(
    /\bREADONLY\b/,
    'the Redis of REDIS_URL is a replica and takes no writes: if no failover is under way, name the primary',
  ),
  wait(/\b(?:LOADING|BUSY)\b/, 'Redis is busy and answers later: it loads its data, or runs a script'),
  wait(/\b(?:CLUSTERDOWN|TRYAGAIN|MASTERDOWN)\b/, 'the Redis of REDIS_URL has no primary at the moment'),
  wait(/\bMISCONF\b/, 'Redis cannot save its data to disk and takes no writes: its log says why'),
  wait(/\bOOM\b/, 'Redis has no memory left: raise its maxmemory'),
  wait(
    /sentinel .*Connection is closed|All sentinels are unreachable/,
    'no Sentinel of REDIS_URL answers: start them, or check hosts and ports',
  ),
];

const POSTGRES: readonly Row[] = [
  mend(
    /\b28P01\b|\bSASL\b/,
    'PostgreSQL refuses the user or the password in QUEUE_URL: set it to postgres://user:password@host/database',
  ),
  mend(
    /\b28000\b/,
    'PostgreSQL does not let the user of QUEUE_URL in from here (pg_hba.conf); if it wants TLS, put ?sslmode=verify-full behind it',
  ),
  mend(/\b3D000\b/, 'the database in QUEUE_URL does not exist: create it'),
  mend(
    /\b42501\b/,
    'the user in QUEUE_URL lacks rights: grant it CREATE on the database, or make it the owner of the schema bullmq',
  ),
  mend(/does not support SSL/, 'the PostgreSQL of QUEUE_URL speaks no TLS: take sslmode out of it'),
  mend(
    /requires server version|UnsupportedPostgresVersion/,
    'the PostgreSQL of QUEUE_URL is too old: 13 is the oldest that will do',
  ),
  mend(
    /requires BullMQ major version/,
    'the schema bullmq in QUEUE_URL belongs to a newer BullMQ: update Tokenhouse, or take another database',
  ),
  wait(/\b25006\b/, 'the PostgreSQL of QUEUE_URL is a standby and takes no writes: name the primary'),
  wait(/\b53300\b/, 'PostgreSQL has no connection left: raise its max_connections'),
  wait(/\b(?:53\w{3}|57P0[1-5]|57014)\b/, 'PostgreSQL starts, stops or has no room left: its log says which'),
  wait(/\b(?:40001|40P01|55P03)\b/, 'another process was at the same rows of the queue'),
  wait(/\b08\w{3}\b|Connection terminated|timeout expired/, 'the connection to PostgreSQL was lost'),
];

const NETWORK: readonly Row[] = [
  mend(
    /\b(?:ERR_TLS_CERT|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY))/,
    'the certificate is not accepted: check the host in SETTING, or set NODE_EXTRA_CA_CERTS for a private authority',
  ),
  mend(
    /\b(?:EPROTO|ERR_SSL_|ERR_TLS_)/,
    'TLS cannot be agreed upon: if the server has none, write SETTING without it',
  ),
  wait(
    /\b(?:ECONNREFUSED|ENOTFOUND|ENOENT|EACCES|EHOSTUNREACH|ENETUNREACH)\b/,
    'nobody answers at the host in SETTING: start the server, or check host and port',
  ),
  wait(
    /\b(?:ECONNRESET|EPIPE|ETIMEDOUT|ECONNABORTED|EAI_AGAIN)\b|timed out|timeout|retries per request/i,
    'the connection to the server in SETTING failed or was lost: if it stays so, check host, port and whether it speaks TLS',
  ),
  wait(
    /Connection is closed|isn't writeable|isn't ready|slots cache|startup nodes/,
    'the server in SETTING is away or closes the connection: start it, or check host, port and whether it asks for TLS',
  ),
];

function toldBy(error: Error): string {
  // A Cluster's error says only that every node failed, and one of several addresses that each did.
  const below =
    'lastNodeError' in error ? error.lastNodeError : error instanceof AggregateError ? error.errors[0] : null;
  const own = `${error.name} ${codeOf(error)} ${error.message}`;
  return below instanceof Error && below !== error ? `${toldBy(below)} ${own}` : own;
}

function codeOf(error: Error): string {
  const below =
    'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError : error;
  return 'code' in below && typeof below.code === 'string' ? below.code : '';
}

function commandOf(error: Error): string {
  const below =
    'lastNodeError' in error && error.lastNodeError instanceof Error ? error.lastNodeError : error;
  const command = 'command' in below ? below.command : null;
  return typeof command === 'object' && command !== null && 'name' in command ? String(command.name) : '';
}
