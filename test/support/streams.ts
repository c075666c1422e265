/** Streams that remember, in place of the process's own. */
import { Writable } from 'node:stream';

export class TextSink extends Writable {
  isTTY = false;
  columns = 80;
  text = '';

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.text += chunk;
    done();
  }
}
