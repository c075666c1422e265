/** SIGINT, SIGTERM and SIGHUP as an AbortSignal: the first asks to stop, the second does not ask. */
import { EXIT } from '../errors.ts';

/** Why a command was stopped. Nothing is lost: what is committed stays, and the next run goes on from there. */
export class Interrupted extends Error {
  readonly signalName: string;
  constructor(signalName: string) {
    super(`interrupted by ${signalName}`);
    this.name = 'Interrupted';
    this.signalName = signalName;
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A Ctrl-C arrives from the terminal, from the launcher and from npx, within milliseconds: that is one, not three. */
const ECHO_MS = 300;

type SignalEmitter = Pick<NodeJS.Process, 'on' | 'off'>;

/**
 * @param exit ends the process at once.
 * @param nowMs a clock; only differences count.
 */
export function abortOnSignals(
  emitter: SignalEmitter,
  exit: (code: number) => void,
  nowMs: () => number,
): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) {
      firstAt = nowMs();
      controller.abort(new Interrupted(name));
    } else if (nowMs() - firstAt > ECHO_MS) {
      exit(EXIT.interrupted);
    }
  };
  for (const name of SIGNALS) emitter.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of SIGNALS) emitter.off(name, onSignal);
    },
  };
}
