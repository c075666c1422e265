import { type CursorGoneError, TransientError } from '../errors.ts';
import type { FillContext } from './context.ts';
import { type KnownRow, type UnixSeconds, unixSeconds } from './ports.ts';
import type { Walk } from './walk.ts';

/** Times the walk may look for another cursor before it gets on; each time it starts twice as far up. */
const RESTARTS_MAX = 40;

/**
 * Where a walk starts, and starts again when its cursor is gone: the nearest row known above, then ever farther ones
 * (the 1st, 2nd, 4th, … second with rows), in the end the head of the list.
 */
export class RestartPoints {
  readonly #context: FillContext;
  readonly #dead = new Set<string>();
  #rank = 1;
  #restarts = 0;

  constructor(context: FillContext) {
    this.#context = context;
  }

  /** The walk got on: the next trouble starts near again. */
  forget(): void {
    this.#rank = 1;
    this.#restarts = 0;
  }

  /** A row above all seconds below `frontier`; null: the head. */
  async nearest(frontier: UnixSeconds): Promise<KnownRow | null> {
    const { warehouse, source } = this.#context;
    for (; ; this.#rank *= 2) {
      const row = await warehouse.knownRowAbove(source.name, unixSeconds(frontier - 1), this.#rank);
      if (row === null || !this.#dead.has(row.id)) return row;
    }
  }

  /** @param gone what the API said of a cursor; null: nothing, the walk only has to start again. */
  async above(walk: Walk, gone: CursorGoneError | null): Promise<Walk> {
    this.#restarts += 1;
    if (this.#restarts > RESTARTS_MAX) {
      throw new TransientError(
        `the ids to go on from disappear faster than the walk gets on (source ${this.#context.source.name}); run again`,
        { cause: gone },
      );
    }
    if (gone !== null) this.#dead.add(gone.cursor);
    // The rows read so far are the nearest ones known.
    await this.#context.loader.commit();
    return { ...walk, after: await this.nearest(walk.frontier), cut: new Set(), goesInside: false };
  }
}
