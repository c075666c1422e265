/** One line at the bottom of a terminal that is written over, with the log scrolling above it. */
import { Writable } from 'node:stream';

export interface StatusLine {
  /** Shows the line, cut to the width of the terminal; null takes it away. */
  show(line: string | null): void;
  /** What is written here appears above the line: for the log. */
  readonly above: Writable;
}

const ERASE = '\r\u001b[2K';

/** @param columns the terminal's width now; it may change. */
export function statusLine(terminal: Writable, columns: () => number): StatusLine {
  let shown: string | null = null;
  const draw = (): string => (shown === null ? '' : shown.slice(0, Math.max(columns() - 1, 1)));
  const above = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      terminal.write(shown === null ? String(chunk) : `${ERASE}${chunk}${draw()}`);
      done();
    },
  });
  return {
    above,
    show(line) {
      if (line === shown) return;
      const wasShown = shown !== null;
      shown = line;
      if (wasShown || line !== null) terminal.write(`${ERASE}${draw()}`);
    },
  };
}
