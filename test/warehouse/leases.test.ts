import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BusyError } from '../../src/errors.ts';
import { takeFileLock } from '../../src/warehouse/engine/file-lock.ts';
import { projectRoot, started } from '../support/shell.ts';
import { batch, completion, observe, open, startRun, T0, temporaryWarehouse, value } from './support.ts';

describe('one run writes a source', () => {
  it('a second run of the process is refused until the first has ended, and then takes over', async () => {
    const path = await temporaryWarehouse();
    await using first = await open(path);
    await using second = await open(path);
    const runId = await startRun(first);
    await expect(startRun(second)).rejects.toThrow(BusyError);
    await expect(startRun(second)).rejects.toThrow(`run ${runId}`);
    // The first was not disturbed by the tries.
    await first.load(batch(runId, { items: [observe(completion('a', T0))] }));
    await first.load(
      batch(runId, {
        end: { status: 'landed', finishedAtMs: T0 * 1000, unprovenSeconds: 0, error: null },
      }),
    );
    await startRun(second);
    expect(await value(second, "select count(*) from sync.runs where status = 'running'")).toBe(1n);
  });

  it('closing a handle gives the lease back, and the token keeps its run from writing on', async () => {
    const path = await temporaryWarehouse();
    const first = await open(path);
    const lost = await startRun(first);
    await first.close();
    await using second = await open(path);
    await startRun(second);
    await using late = await open(path);
    await expect(late.load(batch(lost, { items: [observe(completion('a', T0))] }))).rejects.toThrow(
      'a later run has taken over',
    );
    expect(await value(second, 'select count(*) from main.completions')).toBe(0n);
  });
});

describe('a lock between processes', () => {
  it('is refused to others while it is held, in this process and in another, and free after a kill', async () => {
    const path = `${await temporaryWarehouse()}.lock`;
    const lock = await takeFileLock(path);
    expect(lock).not.toBeNull();
    expect(await takeFileLock(path)).toBeNull();
    const other = (hold: boolean) =>
      started(process.execPath, [
        join(projectRoot, 'test/support/lock-child.ts'),
        path,
        hold ? 'hold' : 'try',
      ]);
    expect((await other(false).ended).stdout.trim()).toBe('busy');
    lock?.release();

    const holder = other(true);
    // It says that it has the lock, and keeps it.
    await expect.poll(() => takeThenRelease(path), { timeout: 20_000 }).toBe('busy');
    holder.child.kill('SIGKILL');
    await holder.ended;
    expect(await takeThenRelease(path)).toBe('free');
  });
});

async function takeThenRelease(path: string): Promise<string> {
  const lock = await takeFileLock(path);
  lock?.release();
  return lock === null ? 'busy' : 'free';
}
