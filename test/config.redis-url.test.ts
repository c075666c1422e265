import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { postgresUrl, redisUrl } from '../src/config/fields.ts';
import { parseRedisUrl, type RedisTarget } from '../src/config/redis-url.ts';
import { loadConfig, loadLocalConfig } from '../src/config.ts';
import { SettingsError } from '../src/errors.ts';

const plain = { tls: false, family: 0, login: null } as const;
const login = { username: 'loader', password: 'p:w' };

test.each<[string, RedisTarget]>([
  ['redis://host', { kind: 'server', ...plain, address: { host: 'host', port: 6379 }, db: 0 }],
  ['REDIS://host/', { kind: 'server', ...plain, address: { host: 'host', port: 6379 }, db: 0 }],
  [
    'rediss://loader:p%3Aw@cache.example.com:6380/3',
    {
      kind: 'server',
      tls: true,
      family: 0,
      login,
      address: { host: 'cache.example.com', port: 6380 },
      db: 3,
    },
  ],
  [
    'redis://loader:p:w@10.0.0.1?db=2&family=4',
    { kind: 'server', tls: false, family: 4, login, address: { host: '10.0.0.1', port: 6379 }, db: 2 },
  ],
  [
    'redis://:p%40w@[::1]:7000',
    {
      kind: 'server',
      ...plain,
      login: { username: null, password: 'p@w' },
      address: { host: '::1', port: 7000 },
      db: 0,
    },
  ],
  ['/run/redis/redis.sock', { kind: 'socket', path: '/run/redis/redis.sock', login: null, db: 0 }],
  ['redis+unix://loader:p:w@/run/redis.sock?db=1', { kind: 'socket', path: '/run/redis.sock', login, db: 1 }],
  [
    'redis+sentinel://loader:p:w@one,two:26380/mymaster/4?sentinelPassword=s%26p',
    {
      kind: 'sentinel',
      ...plain,
      login,
      sentinels: [
        { host: 'one', port: 26379 },
        { host: 'two', port: 26380 },
      ],
      name: 'mymaster',
      sentinelLogin: { username: null, password: 's&p' },
      db: 4,
    },
  ],
  [
    'rediss+cluster://one,[fe80::2]:7001/',
    {
      kind: 'cluster',
      tls: true,
      family: 0,
      login: null,
      nodes: [
        { host: 'one', port: 6379 },
        { host: 'fe80::2', port: 7001 },
      ],
    },
  ],
])('%s is understood', (text, target) => {
  expect(parseRedisUrl(text)).toEqual(target);
  expect(redisUrl.parse(text)).toBe(text);
});

test.each([
  ['', /must be redis:\/\//],
  ['localhost:6379', /must be redis:\/\//],
  ['http://host', /must be redis:\/\//],
  ['rediss+unix:///run/redis.sock', /must be redis:\/\//],
  ['redis://', /must be redis:\/\//],
  ['redis://host:0', /must be redis:\/\//],
  ['redis://host:70000', /must be redis:\/\//],
  ['redis://one,two', /several hosts/],
  ['redis://host/first', /number of a database/],
  ['redis://host?ssl=true', /may hold db, family behind its \?/],
  ['redis://host?family=5', /0, 4 or 6/],
  ['redis://user@host', /must hold a password/],
  ['redis://user:@host', /must hold a password/],
  ['redis://:canary%zz@host', /write it as %25/],
  ['redis://user:canary/1@host', /percent-encoded/],
  ['redis://user:canary?1@host', /percent-encoded/],
  ['redis://user:canary#1@host', /percent-encoded/],
  ['redis+unix://host/run/redis.sock', /path of the socket/],
  ['redis+sentinel://one,two', /must name the group/],
  ['redis+sentinel://one/name/canary', /must name the group/],
  ['redis+sentinel://one/name?sentinelUsername=canary', /must hold sentinelPassword/],
  ['redis+cluster://one/1', /must name no database/],
])('%j is refused, without a word of it', (text, message) => {
  expect(() => parseRedisUrl(text)).toThrow(SettingsError);
  expect(() => parseRedisUrl(text)).toThrow(message);
  const refused = redisUrl.safeParse(text);
  expect(refused.success).toBe(false);
  expect(JSON.stringify(refused.error?.issues)).toMatch(message);
  expect(JSON.stringify(refused.error?.issues)).not.toMatch(/canary/);
});

const address = fc.record({
  host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()),
  port: fc.integer({ min: 1, max: 65_535 }),
});
const addresses = fc.array(address, { minLength: 1, maxLength: 4 });
const secret = fc.string({ unit: 'grapheme', minLength: 1 });
const loginArbitrary = fc.option(
  fc.record({ username: fc.option(secret), password: secret }, { noNullPrototype: true }),
);
const reached = {
  tls: fc.boolean(),
  family: fc.constantFrom(0 as const, 4 as const, 6 as const),
  login: loginArbitrary,
};
const db = fc.nat(999_999);
const targets: fc.Arbitrary<RedisTarget> = fc.oneof(
  fc.record({ kind: fc.constant('server' as const), ...reached, address, db }),
  fc.record({
    kind: fc.constant('socket' as const),
    path: secret.map((name) => `/${name}`),
    login: loginArbitrary,
    db,
  }),
  fc.record({
    kind: fc.constant('sentinel' as const),
    ...reached,
    sentinels: addresses,
    name: secret,
    sentinelLogin: loginArbitrary,
    db,
  }),
  fc.record({ kind: fc.constant('cluster' as const), ...reached, nodes: addresses }),
);

test('every target that is written as a URL is read as itself', () => {
  fc.assert(
    fc.property(targets, (target) => {
      expect(parseRedisUrl(written(target))).toEqual(target);
    }),
  );
});

test('any text is read or refused with our own error, and reading is all that can happen', () => {
  const pieces = fc.constantFrom(
    'redis',
    's',
    '+',
    'sentinel',
    '://',
    '/',
    '@',
    ':',
    ',',
    '?',
    '&',
    '=',
    '%',
    '[',
    ']',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 4 }))), (words) => {
      try {
        parseRedisUrl(words.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(SettingsError);
      }
    }),
    { numRuns: 2_000 },
  );
});

function written(target: RedisTarget): string {
  const encode = encodeURIComponent;
  const user =
    target.login === null ? '' : `${encode(target.login.username ?? '')}:${encode(target.login.password)}@`;
  if (target.kind === 'socket') {
    return `redis+unix://${user}/${encode(target.path.slice(1))}?db=${target.db}`;
  }
  const hosts = (
    target.kind === 'server' ? [target.address] : target.kind === 'sentinel' ? target.sentinels : target.nodes
  ).map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  const scheme = `redis${target.tls ? 's' : ''}${target.kind === 'server' ? '' : `+${target.kind}`}`;
  const start = `${scheme}://${user}${hosts.join(',')}`;
  if (target.kind === 'server') return `${start}/${target.db}?family=${target.family}`;
  if (target.kind === 'cluster') return `${start}?family=${target.family}`;
  const { sentinelLogin } = target;
  const own =
    sentinelLogin === null
      ? ''
      : `&sentinelUsername=${encode(sentinelLogin.username ?? '')}&sentinelPassword=${encode(sentinelLogin.password)}`;
  return `${start}/${encode(target.name)}/${target.db}?family=${target.family}${own}`;
}

describe('QUEUE_URL', () => {
  test.each([
    ['postgres://loader:canary@db.example.com:5432/queue?sslmode=verify-full'],
    ['postgresql://db/queue'],
    ['postgres:///queue?host=/run/postgresql'],
    ['postgres://%2Frun%2Fpostgresql/queue'],
  ])('%s is taken', (text) => expect(postgresUrl.parse(text)).toBe(text));

  test.each([
    ['redis://host'],
    ['host=db password=canary'],
    ['postgres://u:canary@a,b/queue:1'],
    ['postgres://u:canary@host:port/queue'],
    ['postgres://u:canary @host/queue'],
  ])('%s is refused, without a word of it', (text) => {
    const refused = postgresUrl.safeParse(text);
    expect(JSON.stringify(refused.error?.issues)).toMatch(/"must be/);
    expect(JSON.stringify(refused.error?.issues)).not.toMatch(/canary/);
  });
});

test('one queue is taken as it is written, none is null, two are one too many', () => {
  expect(loadLocalConfig({}).queue).toEqual({ redisUrl: null, postgresUrl: null });
  expect(loadLocalConfig({ REDIS_URL: 'redis://h' }).queue).toEqual({
    redisUrl: 'redis://h',
    postgresUrl: null,
  });
  expect(loadConfig({ OPENAI_API_KEY: 'k', QUEUE_URL: 'postgres://h/q' }).queue.postgresUrl).toBe(
    'postgres://h/q',
  );
  expect(() => loadLocalConfig({ REDIS_URL: 'redis://h', QUEUE_URL: 'postgres://h/q' })).toThrow(
    'QUEUE_URL is set beside REDIS_URL: remove the one that is not to hold the queue',
  );
});
