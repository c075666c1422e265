/** There is no docker engine here: what can be followed without one is followed, line by line. */
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { packageVersion } from '../../src/package.ts';
import { serve } from '../source/support.ts';
import { finished, npm, projectRoot } from '../support/shell.ts';

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

interface Stage {
  readonly name: string;
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

const stages = parse(readFileSync(join(projectRoot, 'Dockerfile'), 'utf8'));
const last = stages.at(-1);
if (last === undefined) throw new Error('the Dockerfile has no stage');
const lastOf = (name: string): string => last.instructions.findLast((line) => line.name === name)?.rest ?? '';
const command = (text: string): readonly string[] => z.array(z.string()).parse(JSON.parse(text));
const folders: string[] = [];

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

test('every file the image is made of exists and is let through by .dockerignore', () => {
  const allowed = readFileSync(join(projectRoot, '.dockerignore'), 'utf8').split('\n');
  for (const { sources } of stages.flatMap(copies).filter(({ from }) => from === null)) {
    for (const source of sources) {
      expect(existsSync(join(projectRoot, source)), `${source} exists`).toBe(true);
      expect(allowed).toContain(`!${source.split('/')[0]}`);
    }
  }
});

test('no secret can get into the build', () => {
  const allowed = readFileSync(join(projectRoot, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  expect(allowed.find((line) => !line.startsWith('#'))).toBe('*');
  expect(allowed).not.toContain('!.env');
});

test('it runs as a user without rights, keeps its data in a volume and tells whether it is healthy', () => {
  expect(lastOf('USER')).toBe('node');
  expect(lastOf('VOLUME')).toBe('/data');
  expect(lastOf('ENV')).toContain('WAREHOUSE=/data/');
  expect(lastOf('STOPSIGNAL')).toBe('SIGTERM');
  expect(lastOf('LABEL')).toContain('org.opencontainers.image.licenses');
  expect(lastOf('ARG')).toBe(`VERSION=${packageVersion}`);
});

test('every stage has the Node that the tests have', () => {
  for (const { base } of stages) expect(base).toBe(`node:${process.versions.node.split('.')[0]}-slim`);
});

test('its lines, followed one by one, give a program that starts', async () => {
  const built = new Map<string, string>();
  for (const stage of stages) built.set(stage.name, await build(stage, built));
  const image = built.get(last.name) ?? '';

  const inImage = (args: readonly string[]): readonly string[] =>
    args.map((arg) => arg.replace(/^\/app\//, `${image}/`));
  const [program, ...start] = inImage(command(lastOf('ENTRYPOINT')));
  expect(program).toBe('node');
  // The worker itself has tests of its own, and would not end.
  const started = await finished(process.execPath, [...start, ...command(lastOf('CMD')), '--help'], {
    cwd: image,
  });
  expect(started).toMatchObject({ code: 0, stderr: '' });
  expect(started.stdout).toContain(`Usage: tokenhouse ${command(lastOf('CMD')).join(' ')}`);
}, 300_000);

test('it is healthy as long as the worker says so, where that has a port', async () => {
  const [program, ...check] = command(lastOf('HEALTHCHECK').replace(/^.*?CMD /, ''));
  expect(program).toBe('node');
  const proxied = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:1' };
  const codeWith = async (HTTP_PORT: string): Promise<number | null> =>
    // The worker is asked itself, whatever proxy is set for what leaves the container.
    (await finished(process.execPath, check, { env: { HTTP_PORT, ...proxied } })).code;
  await using well = await serve({ body: {} });
  await using ill = await serve({ status: 503, body: {} });
  const portOf = ({ url }: { url: string }): string => new URL(url).port;
  expect(await codeWith(portOf(well))).toBe(0);
  expect(well.seen.map(({ path }) => path)).toEqual(['/healthz']);
  expect(await codeWith(portOf(ill))).toBe(1);
  expect(await codeWith('1')).toBe(1);
  expect(await codeWith('')).toBe(0);
});

/** Follows COPY and npm's RUN lines in a folder that stands for the stage's /app. */
async function build(stage: Stage, built: ReadonlyMap<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenhouse-image-'));
  folders.push(folder);
  for (const line of stage.instructions) {
    const copy = line.name === 'COPY' ? copyOf(line) : null;
    if (copy !== null) {
      const base = copy.from === null ? projectRoot : (built.get(copy.from) ?? '');
      for (const source of copy.sources) {
        const isFolder = copy.target.endsWith('/');
        const target = join(folder, copy.target, isFolder ? basename(source) : '');
        await mkdir(join(target, '..'), { recursive: true });
        await cp(join(base, source.replace(/^\/app\//, '')), target, { recursive: true });
      }
    }
    if (line.name !== 'RUN' || !line.rest.startsWith('npm ')) continue;
    // All packages of this lock file were installed for these tests to run: not once more.
    if (line.rest === 'npm ci --ignore-scripts') {
      await symlink(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
    } else {
      await npm(line.rest.split(' ').slice(1), folder);
    }
  }
  return folder;
}

interface Copy {
  readonly from: string | null;
  readonly sources: readonly string[];
  readonly target: string;
}

function copies(stage: Stage): readonly Copy[] {
  return stage.instructions.filter((line) => line.name === 'COPY').map(copyOf);
}

function copyOf({ rest }: Instruction): Copy {
  const words = rest.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? (words.shift() ?? '').slice('--from='.length) : null;
  return { from, sources: words.slice(0, -1), target: words.at(-1) ?? '' };
}

function parse(text: string): readonly Stage[] {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const found: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [base = '', , alias = 'final'] = rest.split(' ');
      found.push({ name: alias, base, instructions: [] });
    } else {
      found.at(-1)?.instructions.push({ name, rest });
    }
  }
  return found;
}
