/** A stretch of seconds that one walker fills, newest first, while its older part may be given to another one. */
import { type KnownRow, type SecondRange, type UnixSeconds, unixSeconds } from './ports.ts';

/** Pages that the pace is taken from: a stretch without rows above them says nothing of what is below. */
const PACE_PAGES = 8;

export class Piece {
  /** Row that the first page is asked after; null: the nearest one known above, or the head of the list. */
  readonly start: KnownRow | null;
  #hole: SecondRange;
  /** Of the last pages, the newest of them last; empty before the first. */
  #frontiers: UnixSeconds[] = [];
  readonly #pace: number | null;

  /** @param pace seconds a page, as the piece that this one was a part of has met them; null: not known. */
  constructor(hole: SecondRange, start: KnownRow | null = null, pace: number | null = null) {
    this.#hole = hole;
    this.start = start;
    this.#pace = pace;
  }

  /** What is this walker's: its older end rises when a part is given away. */
  get hole(): SecondRange {
    return this.#hole;
  }

  /** Every second of it from here up is dealt with. */
  get frontier(): UnixSeconds {
    return this.#frontiers.at(-1) ?? this.#top;
  }

  get #top(): UnixSeconds {
    return unixSeconds(this.#hole.to + 1);
  }

  get isDone(): boolean {
    return this.frontier <= this.#hole.from;
  }

  get secondsLeft(): number {
    return Math.max(0, this.frontier - this.#hole.from);
  }

  /** Seconds a page has dealt with of late; null: that is not known. */
  get secondsAPage(): number | null {
    const pages = this.#frontiers.length - 1;
    if (pages === -1) return this.#pace;
    // The first page may begin far above its rows: with a second one it does not count.
    const [first = this.#top] = this.#frontiers;
    return Math.max(1, pages === 0 ? this.#top - first : (first - this.frontier) / pages);
  }

  /** @param frontier where the walk has come to after a page; null: to its end. */
  reach(frontier: UnixSeconds | null): void {
    this.#frontiers = [...this.#frontiers.slice(-PACE_PAGES), frontier ?? this.#hole.from];
  }

  /** Seconds before this one are dealt with from the older end. */
  raise(from: UnixSeconds): void {
    if (from > this.#hole.from) this.#hole = { from, to: this.#hole.to };
  }

  /**
   * Gives away what is older than a row.
   *
   * The row's own second stays here: its rows may be listed on either side of it. A cursor that is strict begins below that
   * second, one that is exact inside it: either way all older seconds follow, whole.
   *
   * @returns null where the row does not lie inside of what is left.
   */
  split(cut: KnownRow): Piece | null {
    const { from } = this.#hole;
    if (cut.createdAt <= from || cut.createdAt >= this.frontier) return null;
    this.raise(cut.createdAt);
    return new Piece({ from, to: unixSeconds(cut.createdAt - 1) }, cut, this.secondsAPage);
  }
}
