/** Someone else has the file. `pid`: null when the engine does not name it, ours when this process has it in another mode. */
export class Held {
  readonly pid: number | null;
  /** By readers of this process that are done in a moment, see `sharesWriter`. */
  readonly isBrief: boolean;
  constructor(pid: number | null, isBrief = false) {
    this.pid = pid;
    this.isBrief = isBrief;
  }
}
