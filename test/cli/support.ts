/** Command lines in this process, on real files. */
import type { Readable } from 'node:stream';
import { priceParts } from '../../src/analytics/price-parts.ts';
import { COMMANDS } from '../../src/cli/commands/index.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Environment } from '../../src/config/reader.ts';
import type { Batch } from '../../src/sync/ports.ts';
import { TextSink } from '../support/streams.ts';
import { batch, open, startRun, T0, temporaryWarehouse } from '../warehouse/support.ts';

export { T0 };

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: Environment;
  /** Unix seconds. */
  readonly now?: number;
  readonly isTty?: boolean;
  readonly isErrTty?: boolean;
  readonly stdin?: Readable;
}

export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [stdout, stderr] = [new TextSink(), new TextSink()];
  stdout.isTTY = options.isTty ?? false;
  stderr.isTTY = options.isErrTty ?? false;
  const code = await runProgram(args, COMMANDS, {
    environment: { LOG_LEVEL: 'silent', ...options.env },
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    stdout,
    stderr,
    signal: new AbortController().signal,
    now: () => (options.now ?? T0) * 1000,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** A warehouse of the source `test` after one run that loaded this. @returns its path. */
export async function filled(fields: Partial<Batch> = {}): Promise<string> {
  const path = await temporaryWarehouse('priced');
  // As every command that writes opens it.
  const warehouse = await open(path, { prices: priceParts(null) });
  await warehouse.load(batch(await startRun(warehouse), fields));
  await warehouse.close();
  return path;
}
