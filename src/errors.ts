/**
 * The errors of the house. The class says whether trying again can help; the message says what to do and never holds
 * a key, a prompt or an answer. The vendor's error stays as `cause` and is not printed.
 */

/** What the process exits with; documented in jobs/README.md. */
export const EXIT = {
  landed: 0,
  failed: 1,
  usage: 2,
  unproven: 3,
  unpublished: 4,
  interrupted: 130,
} as const;

/**
 * What `status --check` exits with: a table of its own, as plugins of monitoring have. Where several hold, the worst wins: unknown,
 * expiry near (rows are about to be lost for good), stale (the next to be), gaps (they may stay for good, and would hide the others).
 */
export const CHECK_EXIT = {
  ok: 0,
  stale: 1,
  gaps: 2,
  expiry_near: 3,
  /** It could not be told: wrong settings or flags, no warehouse, or one that cannot be read. */
  unknown: 4,
} as const;

/** What `prices check` exits with, as `status --check` does: of several the worst, which is unknown, then unpriced. */
export const PRICES_EXIT = {
  ok: 0,
  /** The last import failed, or is older than it should be. */
  stale: 1,
  /** Models in use have no price. */
  unpriced: 2,
  unknown: CHECK_EXIT.unknown,
} as const;

export abstract class TokenhouseError extends Error {
  /** What the process exits with when this error ends it. */
  abstract readonly exitCode: number;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A lost connection, a 5xx, a rate limit, a locked file: the same call may succeed later. */
export class TransientError extends TokenhouseError {
  readonly exitCode = EXIT.failed;
}

/**
 * Somebody else has it: another process the warehouse, another run the source. Waiting helps and nothing has failed, so a job
 * that meets it waits for its turn without using up an attempt.
 */
export class BusyError extends TransientError {
  /** The process that has it; null: not known. */
  readonly pid: number | null;
  constructor(message: string, pid: number | null, options?: ErrorOptions) {
    super(message, options);
    this.pid = pid;
  }
}

/**
 * The server is there, and answers this page with a failure, a broken reply or not at all, however often it is asked: the page
 * may be too heavy for it, or hold a row that it cannot serve.
 */
export class UnreadablePageError extends TransientError {}

/** The reply is longer than a reply may be, so only a smaller page can be read. Names the first row where it could be seen. */
export class ReplyTooLargeError extends UnreadablePageError {
  /** Id of the first row of the reply; null where its beginning does not show one. */
  readonly firstRowId: string | null;
  constructor(message: string, firstRowId: string | null, options?: ErrorOptions) {
    super(message, options);
    this.firstRowId = firstRowId;
  }
}

/** Trying again cannot help: a refused key, a server that does not list, a file of another program. */
export class TerminalError extends TokenhouseError {
  readonly exitCode: number = EXIT.failed;
}

/** A wrong setting or flag; the message names it and how to mend it, never its value. */
export class SettingsError extends TerminalError {
  override readonly exitCode = EXIT.usage;
}

/** The API does not know the id that a page was asked `after` (deleted or expired). The walk takes another one. */
export class CursorGoneError extends TerminalError {
  readonly cursor: string;
  constructor(cursor: string, options?: ErrorOptions) {
    super(`the API does not know the id ${cursor} any more`, options);
    this.cursor = cursor;
  }
}
