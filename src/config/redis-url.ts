/**
 * `REDIS_URL` taken apart: one server, a Unix socket, Sentinels or a Cluster. By hand, as a URL of the standard holds one host.
 * No message holds a piece of the text, which may be the password's.
 */
import { SettingsError } from '../errors.ts';

export interface RedisAddress {
  /** Name or address; IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
}

export interface RedisLogin {
  /** null: the default user. */
  readonly username: string | null;
  readonly password: string;
}

/** 4 or 6 asks the resolver for that kind of address only; 0 takes either. */
export type AddressFamily = 0 | 4 | 6;

interface Reached {
  readonly tls: boolean;
  readonly family: AddressFamily;
  readonly login: RedisLogin | null;
}

export type RedisTarget =
  | (Reached & { readonly kind: 'server'; readonly address: RedisAddress; readonly db: number })
  | {
      readonly kind: 'socket';
      readonly path: string;
      readonly login: RedisLogin | null;
      readonly db: number;
    }
  | (Reached & {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisAddress[];
      /** What the Sentinels call the group of servers. */
      readonly name: string;
      /** The Sentinels' own, which is not that of the servers they name. */
      readonly sentinelLogin: RedisLogin | null;
      readonly db: number;
    })
  | (Reached & { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] });

/** @throws {SettingsError} naming `REDIS_URL` and what is wrong with it. */
export function parseRedisUrl(text: string): RedisTarget {
  const read = readRedisUrl(text);
  if (typeof read === 'string') throw new SettingsError(`REDIS_URL ${read}`);
  return read;
}

/** @returns a text says what is wrong: it completes the sentence "REDIS_URL …". */
export function readRedisUrl(text: string): RedisTarget | string {
  try {
    return text.startsWith('/') ? socketOf(partsOf(`redis+unix://${text}`)) : targetOf(partsOf(text));
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

class Problem extends Error {}

const FORMS =
  'must be redis://, rediss:// (TLS), redis+unix://, redis+sentinel:// or redis+cluster:// and a host';
const ENCODE = 'with what is special in a user name or password percent-encoded (@ is %40, / is %2F)';

const REDIS_PORT = 6_379;
const SENTINEL_PORT = 26_379;

interface Parts {
  /** `redis`, `rediss+cluster`, …; small letters. */
  readonly scheme: string;
  readonly login: RedisLogin | null;
  /** What stands between the login and the path, undecoded. */
  readonly hosts: string;
  /** With its slash; empty when there is none. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

function partsOf(text: string): Parts {
  const shape = /^([a-z+]+):\/\/(?:([^/?#]*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/i.exec(text);
  if (shape === null) throw new Problem(`${FORMS}, ${ENCODE}`);
  const [, scheme = '', login, hosts = '', path = '', query = ''] = shape;
  return {
    scheme: scheme.toLowerCase(),
    login: login === undefined ? null : loginOf(login),
    hosts,
    path,
    query: queryOf(query),
  };
}

function targetOf(parts: Parts): RedisTarget {
  const [, tls, way] = /^redis(s?)(?:\+(unix|sentinel|cluster))?$/.exec(parts.scheme) ?? [];
  if (tls === undefined || (tls !== '' && way === 'unix')) throw new Problem(`${FORMS}, ${ENCODE}`);
  if (way === 'unix') return socketOf(parts);
  const reached = { tls: tls !== '', family: familyOf(parts), login: parts.login };
  if (way === 'cluster') return clusterOf(parts, reached);
  return way === 'sentinel' ? sentinelOf(parts, reached) : serverOf(parts, reached);
}

function serverOf(parts: Parts, reached: Reached): RedisTarget {
  const [address, second] = addressesOf(parts.hosts, REDIS_PORT);
  knowsOnly(parts, ['db', 'family']);
  if (address === undefined || second !== undefined) {
    throw new Problem('names several hosts: start it with redis+sentinel:// or redis+cluster://');
  }
  return { kind: 'server', ...reached, address, db: dbOf(parts, parts.path.slice(1)) };
}

function socketOf(parts: Parts): RedisTarget {
  knowsOnly(parts, ['db']);
  if (parts.hosts !== '' || parts.path.length < 2) {
    throw new Problem('must hold the path of the socket behind redis+unix://, from its first slash on');
  }
  return { kind: 'socket', path: decoded(parts.path), login: parts.login, db: dbOf(parts, '') };
}

function sentinelOf(parts: Parts, reached: Reached): RedisTarget {
  const sentinels = addressesOf(parts.hosts, SENTINEL_PORT);
  knowsOnly(parts, ['db', 'family', 'sentinelUsername', 'sentinelPassword']);
  const [, name = '', db = ''] = /^\/([^/]+)(?:\/(\d*))?$/.exec(parts.path) ?? [];
  if (name === '') {
    throw new Problem('must name the group behind the hosts: redis+sentinel://host,host/mymaster');
  }
  return {
    kind: 'sentinel',
    ...reached,
    sentinels,
    name: decoded(name),
    sentinelLogin: sentinelLoginOf(parts),
    db: dbOf(parts, db),
  };
}

function clusterOf(parts: Parts, reached: Reached): RedisTarget {
  const nodes = addressesOf(parts.hosts, REDIS_PORT);
  knowsOnly(parts, ['family']);
  if (!['', '/', '/0'].includes(parts.path)) throw new Problem('must name no database: a Cluster has only 0');
  return { kind: 'cluster', ...reached, nodes };
}

function loginOf(text: string): RedisLogin {
  const at = text.indexOf(':');
  const password = at < 0 ? '' : decoded(text.slice(at + 1));
  if (password === '') {
    throw new Problem('must hold a password where it holds a user: redis://user:password@host');
  }
  return { username: decoded(text.slice(0, at)) || null, password };
}

function sentinelLoginOf({ query }: Parts): RedisLogin | null {
  const username = query.get('sentinelUsername') || null;
  const password = query.get('sentinelPassword') ?? '';
  if (password !== '') return { username, password };
  if (username !== null) throw new Problem('must hold sentinelPassword where it holds sentinelUsername');
  return null;
}

function addressesOf(hosts: string, defaultPort: number): readonly RedisAddress[] {
  return hosts.split(',').map((text) => {
    const shape = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text);
    const host = shape?.[1] ?? shape?.[2];
    const port = Number(shape?.[3] ?? defaultPort);
    if (host === undefined || port < 1 || port > 65_535) throw new Problem(`${FORMS}, ${ENCODE}`);
    return { host, port };
  });
}

/** @param inPath the number behind the slash, where the form has one; `?db=` says the same. */
function dbOf({ query }: Parts, inPath: string): number {
  const text = inPath || query.get('db') || '0';
  if (!/^\d{1,6}$/.test(text))
    throw new Problem(`must end in the number of a database, or in none, ${ENCODE}`);
  return Number(text);
}

function familyOf({ query }: Parts): AddressFamily {
  const family = Number(query.get('family') ?? 0);
  if (family !== 0 && family !== 4 && family !== 6) throw new Problem('must have 0, 4 or 6 as family');
  return family;
}

function queryOf(text: string): ReadonlyMap<string, string> {
  const pairs = text.split('&').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return [decoded(name), decoded(value.join('='))];
    }),
  );
}

/** A slip here would silently connect otherwise than was meant. */
function knowsOnly({ query }: Parts, names: readonly string[]): void {
  if ([...query.keys()].every((name) => names.includes(name))) return;
  throw new Problem(`may hold ${names.join(', ')} behind its ?, and nothing else`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem('holds a % that starts no code: write it as %25');
  }
}
