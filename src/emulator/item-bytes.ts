/** The bytes of generated rows, kept once they are made: a second walk, and whoever reads beside the first, costs no rendering. */

/** Beyond it rows are made on each call: some 280,000 rows are held, and a million serve at the speed they are rendered with. */
const BYTES_MAX = 256 * 1024 * 1024;
const BLOCK_BYTES = 1024 * 1024;

export class ItemBytes {
  readonly #rows: number;
  readonly #bytesMax: number;
  #shape: unknown = null;
  #blocks: Buffer[] = [];
  /** First free byte of the last block. */
  #free = BLOCK_BYTES;
  /** By row: the place among all blocks, and the bytes there, 0 for a row that is not held. Made with the first page. */
  #places = new Uint32Array(0);
  #lengths = new Uint32Array(0);

  constructor(rows: number, bytesMax = BYTES_MAX) {
    this.#rows = rows;
    this.#bytesMax = bytesMax;
  }

  /**
   * @param shape what `render` depends on beside the row: with another one than before, all is made anew.
   * @returns the row's text in UTF-8; not to be written to.
   */
  of(index: number, shape: unknown, render: () => string): Uint8Array {
    if (shape !== this.#shape || this.#lengths.length === 0) this.#clear(shape);
    const length = this.#lengths[index] ?? 0;
    if (length > 0) {
      const place = this.#places[index] ?? 0;
      const start = place % BLOCK_BYTES;
      return (this.#blocks[Math.floor(place / BLOCK_BYTES)] as Buffer).subarray(start, start + length);
    }
    return this.#keep(index, render());
  }

  #keep(index: number, text: string): Uint8Array {
    // A UTF-16 unit is three bytes at most.
    const most = 3 * text.length;
    if (this.#free + most > BLOCK_BYTES) {
      if (most > BLOCK_BYTES || (this.#blocks.length + 1) * BLOCK_BYTES > this.#bytesMax)
        return Buffer.from(text);
      this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
      this.#free = 0;
    }
    const block = this.#blocks.at(-1) as Buffer;
    const start = this.#free;
    const length = block.write(text, start);
    this.#places[index] = (this.#blocks.length - 1) * BLOCK_BYTES + start;
    this.#lengths[index] = length;
    this.#free = start + length;
    return block.subarray(start, start + length);
  }

  #clear(shape: unknown): void {
    this.#shape = shape;
    this.#blocks = [];
    this.#free = BLOCK_BYTES;
    this.#places = new Uint32Array(this.#rows);
    this.#lengths = new Uint32Array(this.#rows);
  }
}
