/** A real PostgreSQL with a cluster of its own. It refuses to run as root, so then it runs as somebody else. */
import { execFileSync } from 'node:child_process';
import { chown, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { postgresPath } from './programs.ts';
import { onFreePort, removedLater, Server } from './server.ts';
import { finished } from './shell.ts';

export interface PostgresOptions {
  /** Settings such as `ssl=on`. */
  readonly config?: readonly string[];
  /** Asked of who connects; nobody is asked when absent. */
  readonly password?: string;
}

export interface PostgresServer {
  /** Of its superuser, the password included. */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
  /** SIGKILL of its main process; the others see that and end. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  pause(): void;
  resume(): void;
}

const USER = 'tokenhouse';

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  if (postgresPath === null) throw new Error('postgres is not installed');
  const folder = removedLater(await mkdtemp(join(tmpdir(), 'tokenhouse-postgres-')));
  const data = join(folder, 'data');
  const user = process.getuid?.() === 0 ? unprivilegedUser() : null;
  if (user !== null) await chown(folder, user.uid, user.gid);
  const auth = options.password === undefined ? ['--auth=trust'] : ['--auth=scram-sha-256'];
  if (options.password !== undefined) {
    const file = join(folder, 'password');
    await writeFile(file, options.password);
    auth.push(`--pwfile=${file}`);
  }
  const locale = ['--encoding=UTF8', '--no-locale'];
  const made = await finished(
    join(dirname(postgresPath), 'initdb'),
    ['--no-sync', `--username=${USER}`, ...auth, ...locale, data],
    { cwd: folder, ...user },
  );
  if (made.code !== 0) throw new Error(`initdb ended with ${made.code}:\n${made.stderr}`);
  const password = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}`;
  return await onFreePort(async (port) => {
    const server = new Server({
      path: postgresPath ?? '',
      args: [
        '-D',
        data,
        ...[...SETTINGS, `port=${port}`, ...(options.config ?? [])].flatMap((line) => ['-c', line]),
      ],
      cwd: folder,
      user,
      ready: /database system is ready to accept connections/,
      // Ends the sessions in place of waiting for them.
      stopSignal: 'SIGINT',
    });
    await server.start();
    return {
      url: `postgres://${USER}${password}@127.0.0.1:${port}/postgres`,
      port,
      stop: () => server.stop(),
      kill: () => server.kill(),
      restart: () => server.restart(),
      pause: () => server.pause(),
      resume: () => server.resume(),
    };
  });
}

// A killed process loses nothing by fsync=off, only a machine without power does.
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'shared_buffers=32MB',
];

/** The package's own user, or else the one that owns nothing. */
function unprivilegedUser(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // There is no such user: the next one.
    }
  }
  throw new Error('PostgreSQL refuses root, and there is neither a user postgres nor a user nobody');
}
