/** Other processes that publish, or read what is published. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** `publish-child.ts`, killed at the end of the test. */
export function child(...args: readonly string[]) {
  const process_ = spawn(process.execPath, [join(import.meta.dirname, 'publish-child.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void process_.kill('SIGKILL'));
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
  return {
    next: async (): Promise<string> => String((await lines.next()).value),
    send: () => process_.stdin.write('\n'),
    ended: ended(process_),
  };
}

const ended = (process_: ChildProcess): Promise<NodeJS.Signals | number | null> =>
  new Promise((resolve) => process_.on('exit', (code, signal) => resolve(signal ?? code)));
