import { TerminalError, TransientError } from '../../errors.ts';
import { damagedFile } from './damage.ts';

/**
 * What a failed statement means. DuckDB's errors are plain `Error`s: the class is the beginning of the message, and the
 * rest of it may quote the values it choked on.
 *
 * - `content`: a value of the input; another input may pass.
 * - `locked`: another process has the file.
 * - `memory`: it needs more than the limit.
 * - `invalidated`: the instance is dead, the file is not.
 * - `interrupted`, `passing`: the same call may succeed later.
 * - `lasting`: it will not.
 */
export type EngineErrorKind =
  | 'content'
  | 'locked'
  | 'memory'
  | 'invalidated'
  | 'interrupted'
  | 'passing'
  | 'lasting';

const KINDS: readonly (readonly [prefix: string, kind: EngineErrorKind])[] = [
  ['IO Error: Could not set lock', 'locked'],
  ['INTERRUPT Error', 'interrupted'],
  ['Conversion Error', 'content'],
  ['Invalid Input Error', 'content'],
  ['Out of Range Error', 'content'],
  ['Serialization Error', 'content'],
  ['IO Error', 'passing'],
  ['Out of Memory Error', 'memory'],
  ['TransactionContext Error', 'passing'],
  ['FATAL Error', 'invalidated'],
];

/** Classes whose messages name files, sizes, tables and words of the statement, never a value of a parameter or a row. */
const SHOWN = [
  'IO Error',
  'Out of Memory Error',
  'TransactionContext Error',
  'INTERRUPT Error',
  'Binder Error',
  'Catalog Error',
  'Parser Error',
  'Permission Error',
  'Not implemented Error',
];

/** DuckDB's memory limit does not do for the statement. */
export class OutOfMemoryError extends TransientError {}

/** The instance is dead: nothing can be read or written through it any more. Opened anew, the file has all that was committed. */
export class InvalidatedError extends TransientError {
  /** It was for want of memory. */
  readonly isMemory: boolean;
  constructor(message: string, isMemory: boolean) {
    super(message);
    this.isMemory = isMemory;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export function engineErrorKind(error: unknown): EngineErrorKind {
  const message = messageOf(error);
  // Every statement after the fatal one says so, whatever class its error has.
  if (message.includes('database has been invalidated')) return 'invalidated';
  return KINDS.find(([prefix]) => message.startsWith(prefix))?.[1] ?? 'lasting';
}

const WITHHELD = '(its text is withheld: it may quote the data)';

/** Message without any value of a row: the class, and the rest only where it cannot hold one. */
export function shownMessage(error: unknown): string {
  const message = messageOf(error);
  if (SHOWN.some((prefix) => message.startsWith(prefix))) return message.trim();
  const prefix = /^[A-Za-z ]{1,40} Error/.exec(message)?.[0] ?? 'Error';
  return `${prefix} ${WITHHELD}`;
}

/**
 * Messages that were withheld, by the error that went out in their stead. Nothing that prints an error, or takes it apart, comes to
 * them: only who asks for them.
 */
const withheld = new WeakMap<Error, string>();

/**
 * All that DuckDB said, which may quote the data: for the terminal of the person who wrote the statement, and nothing that is kept.
 *
 * @returns null: nothing was withheld.
 */
export const wholeMessageOf = (error: unknown): string | null =>
  error instanceof Error ? (withheld.get(error) ?? null) : null;

/**
 * Our error for one of DuckDB's. The original is not kept as `cause`: a logger that prints causes would print the data.
 *
 * @param doing what was being done, such as `load/plan_merge`.
 */
export function translated(error: unknown, doing: string): TransientError | TerminalError {
  if (error instanceof TransientError || error instanceof TerminalError) return error;
  const damaged = damagedFile(messageOf(error), `DuckDB failed at ${doing}`);
  if (damaged !== null) return damaged;
  const message = `DuckDB failed at ${doing}: ${shownMessage(error)}`;
  const kind = engineErrorKind(error);
  if (kind === 'invalidated') {
    const isMemory = /Out of Memory|could not allocate|failed to (?:pin|allocate|offload)|MiB used/i.test(
      messageOf(error),
    );
    const reason = isMemory ? 'it needs more memory than DUCKDB_MEMORY_LIMIT' : shownMessage(error);
    return new InvalidatedError(`DuckDB gave up at ${doing}: ${reason}`, isMemory);
  }
  if (kind === 'memory') return new OutOfMemoryError(`${message}; DUCKDB_MEMORY_LIMIT sets the limit`);
  const ours =
    kind === 'content' || kind === 'lasting' ? new TerminalError(message) : new TransientError(message);
  if (message.includes(WITHHELD)) withheld.set(ours, printable(messageOf(error)));
  return ours;
}

/** Data could tell a terminal what to do: without its control characters, but for the lines. */
const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.trim().replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');

/** Process that holds the file, from `Conflicting lock is held in <program> (PID n)`; null when it is not named. */
export function lockHolder(error: unknown): number | null {
  const pid = /\(PID (\d+)\)/.exec(messageOf(error))?.[1];
  return pid === undefined ? null : Number(pid);
}
