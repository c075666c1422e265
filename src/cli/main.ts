/** Where the process begins; started by tokenhouse.js. */
import { processEnvironment } from '../config.ts';
import { EXIT } from '../errors.ts';
import { COMMANDS } from './commands/index.ts';
import { failure } from './failure.ts';
import { watchReader } from './output.ts';
import { runProgram } from './program.ts';
import { abortOnSignals } from './signals.ts';

const { signal } = abortOnSignals(
  process,
  (code) => process.exit(code),
  () => performance.now(),
);

for (const stream of [process.stdout, process.stderr]) {
  watchReader(stream, (reason) => {
    process.stderr.write(`tokenhouse: cannot write the output (${reason})\n`);
    process.exit(EXIT.failed);
  });
}

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    process.stderr.write(`tokenhouse: ${failure(error, signal, false).text}\n`);
    process.exit(EXIT.failed);
  });
}

const exitCode = await runProgram(process.argv.slice(2), COMMANDS, {
  environment: processEnvironment(),
  // Opened only by who reads it.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  signal,
  now: Date.now,
});
// A pipe may still hold output, and a write that failed is told of a moment later. But a connection left open somewhere must
// not keep an ended command alive.
await Promise.all([process.stdout, process.stderr].map(flushed));
process.exit(exitCode);

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    if (stream.writableLength === 0) setImmediate(done);
    else stream.write('', () => setImmediate(done));
  });
}
