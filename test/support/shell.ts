/** Runs a program to its end, for tests of what is shipped. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

export const projectRoot = join(import.meta.dirname, '../..');
export const launcher = join(projectRoot, 'src/cli/tokenhouse.js');
/** The same without the start that only adds this flag: an eighth of what a short command takes. */
export const launched = ['--max-semi-space-size=2', launcher];

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

type ShellOptions = Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'>;

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Finished>;
}

/** @param options `env` adds to the tests' own environment; undefined takes a variable out. */
export function started(program: string, args: readonly string[], options: ShellOptions = {}): Started {
  const child = spawn(program, args, {
    ...options,
    cwd: options.cwd ?? projectRoot,
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = new Promise<Pick<Finished, 'code' | 'signal'>>((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve({ code, signal }));
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), end]).then(
    ([stdout, stderr, how]): Finished => ({ ...how, stdout, stderr }),
  );
  return { child, ended };
}

export const finished = (
  program: string,
  args: readonly string[],
  options: ShellOptions = {},
): Promise<Finished> => started(program, args, options).ended;

/** npm, with this Node and without the settings of the npm that started the tests; from its cache where it can. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await finished('npm', args, {
    cwd,
    env: { PATH: `${dirname(process.execPath)}:${process.env['PATH']}`, npm_config_prefer_offline: 'true' },
  });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** The environment without settings of ours: a developer's own key must not reach a test. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_|OPENAI_|NODE_ENV|VITEST|WAREHOUSE|SOURCES|REDIS_URL|QUEUE_URL|LOG_|NO_COLOR|FORCE_COLOR|ENDPOINT|AZURE_|IDENTITY_|(HTTPS?|NO|ALL)_PROXY$|NODE_USE_ENV_PROXY)/i.test(
        name,
      ),
  );
  return Object.fromEntries(foreign);
}
