import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isProcessGone, ownProcess } from '../src/process-identity.ts';

test('a process that lives is not gone, a killed one is, and a pid that was given again is another process', async () => {
  const own = ownProcess();
  expect(isProcessGone(own)).toBe(false);
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const other = { ...own, pid: Number(child.pid), start: null };
  expect(isProcessGone(other)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isProcessGone(other)).toBe(true);
  if (own.start !== null) expect(isProcessGone({ ...own, start: '1' })).toBe(true);
});

test('of a process on another machine, in another container or of another boot nothing is known', () => {
  const gone = { ...ownProcess(), pid: 2 ** 22 + 1 };
  expect(isProcessGone(gone)).toBe(true);
  expect(isProcessGone({ ...gone, host: 'elsewhere' })).toBe(false);
  expect(isProcessGone({ ...gone, space: 'another boot pid:[1]' })).toBe(false);
});
