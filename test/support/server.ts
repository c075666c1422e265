/** A real server as a child of the tests: on a port and in a folder of its own, and gone when the test file is through. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { findProgram } from './programs.ts';

/** Asked of Linux: the child dies with its parent, even when that is killed. */
const setpriv = process.platform === 'linux' ? findProgram('setpriv') : null;
const READY_SECONDS_MAX = 30;
const STOP_SECONDS_MAX = 10;

export interface Program {
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Of the user it runs as; null: the one of the tests. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
  /** What it prints once it serves. */
  readonly ready: RegExp;
  /** Asks it to end. */
  readonly stopSignal: NodeJS.Signals;
}

export class Server {
  readonly #program: Program;
  #child: ChildProcess | null = null;
  #output = '';

  constructor(program: Program) {
    this.#program = program;
  }

  /** @throws {Error} with what it printed, when it ends in place of serving. */
  async start(): Promise<void> {
    const { path, args, cwd, user, ready } = this.#program;
    const command = setpriv === null ? [path, ...args] : [setpriv, '--pdeathsig', 'KILL', path, ...args];
    const [program = '', ...rest] = command;
    const child = spawn(program, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'], ...user });
    this.#child = child;
    running.add(this);
    this.#output = '';
    const served = Promise.withResolvers<void>();
    const hear = (text: Buffer): void => {
      this.#output += text;
      if (ready.test(this.#output)) served.resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const fail = (what: string) => served.reject(new Error(`${path} ${what}:\n${this.#output}`));
    child.on('error', (error) => fail(`cannot be run (${error.message})`));
    child.on('close', (code) => fail(`ended with ${code} before it served`));
    const timer = setTimeout(() => fail('does not serve'), READY_SECONDS_MAX * 1_000);
    await served.promise.finally(() => clearTimeout(timer));
  }

  /** Again on the same port, with the same data. A killed PostgreSQL's children may hold on to both for a moment. */
  async restart(): Promise<void> {
    await this.stop();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.start();
      } catch (error) {
        if (attempt === 20) throw error;
        await sleep(100);
      }
    }
  }

  /** As a machine's shutdown would. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#signal('SIGKILL'), STOP_SECONDS_MAX * 1_000);
    await this.#end(this.#program.stopSignal);
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** It holds its connections and answers nothing, as one that hangs. */
  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  /** For the end of the process, which waits for nothing. */
  killNow(): void {
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGCONT');
      child.kill(signal);
      await once(child, 'exit');
    }
    this.#child = null;
    running.delete(this);
  }
}

const running = new Set<Server>();
const folders: string[] = [];

/** @returns the same folder, which goes once the test file is through. */
export function removedLater(folder: string): string {
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  await Promise.all([...running].map((server) => server.kill()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
process.on('exit', () => {
  for (const server of running) server.killNow();
});

/** Below the ports that a system gives to outgoing connections, so that a server may have it again after a restart. */
const PORTS = { from: 20_000, to: 32_000 };

async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer()
    .once('error', () => resolve(false))
    .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}

/** Tries another port when somebody was faster. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 5 || !/in use/i.test(String(error))) throw error;
    }
  }
}
