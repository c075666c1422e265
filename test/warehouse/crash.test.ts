import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { TransientError } from '../../src/errors.ts';
import { open, rows, SCOPE, SOURCE, temporaryWarehouse, value } from './support.ts';

function child(path: string, killAt: string): ChildProcess {
  const script = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
  const process_ = spawn(process.execPath, [script, path, killAt], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    process_.kill('SIGKILL');
  });
  return process_;
}

/** Last second the child said was committed. */
async function runToItsDeath(path: string, killAt: string): Promise<number> {
  const process_ = child(path, killAt);
  let said = '';
  process_.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const [, signal] = await once(process_, 'close');
  expect(signal).toBe('SIGKILL');
  return Number(said.trim().split('\n').at(-1));
}

test('kill -9 between any two statements: what was committed is there, rows and coverage agree', async () => {
  const path = await temporaryWarehouse();
  const steps = [
    'staged',
    'load/insert_completions',
    'load/insert_completion_choices',
    'load/delete_touched_coverage',
    'load/insert_coverage',
    'load/update_run',
    'before commit',
    'committed',
  ];
  for (const [round, step] of steps.entries()) {
    const committed = await runToItsDeath(path, step);
    const warehouse = await open(path);
    const [covered, ...others] = await warehouse.readCoverage(SOURCE, SCOPE);
    expect(others).toEqual([]);
    // After COMMIT the child dies before it can say so.
    expect(covered?.to).toBe(step === 'committed' ? committed + 1 : committed);
    const seconds = (covered?.to ?? 0) - (covered?.from ?? 0) + 1;
    expect(seconds, step).toBe(2 * (round + 1) + (step === 'committed' ? 1 : 0));
    for (const table of ['completions', 'completion_usage', 'completion_choices']) {
      expect(await value(warehouse, `select count(*) from main.${table}`), table).toBe(BigInt(seconds * 20));
    }
    expect(await rows(warehouse, 'select id from main.completions group by id having count(*) > 1')).toEqual(
      [],
    );
    await warehouse.close();
  }
});

test('a file that another process holds: waits, says so once, then names the process', async () => {
  const path = await temporaryWarehouse();
  await (await open(path)).close();
  const holder = child(path, 'hold');
  await once(holder.stdout ?? holder, 'data');

  const waiting: unknown[] = [];
  const options = {
    waitSeconds: 0.6,
    onWaiting: (pid: number | null, file: string) => waiting.push([pid, file]),
  };
  const started = performance.now();
  const refused = open(path, options);
  await expect(refused).rejects.toThrow(`${path} is in use by process ${holder.pid}`);
  await expect(refused).rejects.toBeInstanceOf(TransientError);
  expect(performance.now() - started).toBeGreaterThan(500);
  expect(waiting).toEqual([[holder.pid, path]]);
  await expect(open(path, { readOnly: true })).rejects.toThrow(`process ${holder.pid}`);

  const stop = new AbortController();
  const aborted = open(path, { waitSeconds: 60, signal: stop.signal });
  stop.abort(new Error('stopped'));
  await expect(aborted).rejects.toThrow('stopped');

  const patient = open(path, { waitSeconds: 30 });
  holder.kill('SIGKILL');
  await (await patient).close();
});
