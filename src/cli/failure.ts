/** An error as a line for people and an exit code. */
import { EXIT, TokenhouseError } from '../errors.ts';
import { Interrupted } from './signals.ts';

export interface Failure {
  /** For stderr, without a line break at its end. */
  readonly text: string;
  readonly exitCode: number;
}

/**
 * @param error anything thrown by a command.
 * @param signal the command's; what is thrown after it was aborted is its consequence, unless it says otherwise.
 * @param withStack adds the stack, for LOG_LEVEL=debug.
 */
export function failure(error: unknown, signal: AbortSignal, withStack: boolean): Failure {
  // A SyntaxError of JSON.parse quotes the text it choked on, which may be an answer; its stack begins with that.
  const quotesData = error instanceof SyntaxError;
  const hasStack = withStack && !quotesData && error instanceof Error && error.stack !== undefined;
  const stack = hasStack ? `\n${error.stack}` : '';
  if (signal.aborted && (error === signal.reason || isAbort(error))) {
    const reason = signal.reason instanceof Interrupted ? signal.reason.message : 'interrupted';
    return {
      text: `${reason}; what is committed stays, run it again to go on${stack}`,
      exitCode: EXIT.interrupted,
    };
  }
  if (error instanceof TokenhouseError) {
    return { text: `${error.message}${stack}`, exitCode: error.exitCode };
  }
  // One of our own bugs, or a library's. Its message may be needed to report it.
  // A SyntaxError of JSON.parse quotes the text it choked on, which may be an answer: it is for the stack alone.
  const message =
    error instanceof SyntaxError ? 'its text is withheld' : error instanceof Error && error.message;
  const what = error instanceof Error ? `${error.name}: ${message}` : typeof error;
  return { text: `unexpected: ${what}${stack || ' (LOG_LEVEL=debug shows where)'}`, exitCode: EXIT.failed };
}

const isAbort = (error: unknown): boolean =>
  error instanceof Interrupted || (error instanceof Error && error.name === 'AbortError');
