import { BusyError } from '../errors.ts';

/** The right to write one source, held by one run. */
export interface Lease {
  readonly source: string;
  /** The fencing token: every commit checks that this run is still the running one of its source. */
  readonly runId: string;
  /** May be called again. */
  release(): void;
}

/**
 * One writer a source within a process. Between processes DuckDB's lock on the file sees to that, and the fencing token to what
 * neither can: a run that was given up for dead and wakes up again.
 */
export class Leases {
  readonly #held = new Map<string, string>();

  /** @throws {BusyError} while another run holds it. */
  take(source: string, runId: string): Lease {
    const holder = this.#held.get(source);
    if (holder !== undefined) {
      throw new BusyError(`source ${source} is being written by run ${holder} of this process`, process.pid);
    }
    this.#held.set(source, runId);
    return {
      source,
      runId,
      release: () => {
        if (this.#held.get(source) === runId) this.#held.delete(source);
      },
    };
  }
}
