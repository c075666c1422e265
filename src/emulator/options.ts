/** What an emulator can be started with. */
import type { Faults, ServedRequest } from './faults.ts';
import type { GenerateOptions } from './generate.ts';
import type { PresetName, Quirks } from './quirks.ts';
import type { RowStore } from './store.ts';

/** What a test changes of an emulator that runs. */
export interface RunningEmulator {
  readonly store: RowStore;
  readonly quirks: Quirks;
  readonly faults: Faults;
  /** Requests answered or refused so far. */
  readonly requestCount: number;
}

export interface EmulatorOptions {
  /** The server that is imitated; `openai` when not given. */
  readonly preset?: PresetName | undefined;
  /** Changes to the preset. */
  readonly quirks?: Partial<Quirks> | undefined;
  /** Generated rows; 0 when not given. */
  readonly rows?: number | undefined;
  /** Rows, ties, ids and faults all follow from it; 1 when not given. Any integer. */
  readonly seed?: number | undefined;
  /** More about the generated rows. `endSeconds` is the clock's second at the start unless given here. */
  readonly generate?: Partial<GenerateOptions> | undefined;
  /** Port on 127.0.0.1; 0 or none: a free one. */
  readonly port?: number | undefined;
  /** What goes wrong from the start; `emulator.faults` can be changed later. */
  readonly faults?: Partial<Faults> | undefined;
  /** Server time in Unix seconds: the `Date` header, what can be seen, what has expired. The real clock when not given. */
  readonly nowSeconds?: (() => number) | undefined;
  /** Called before each request is answered, n counting from 1: add rows, delete some, change faults or quirks. */
  readonly onRequest?:
    | ((n: number, emulator: RunningEmulator, request: ServedRequest) => void | Promise<void>)
    | undefined;
  /** The last requests kept in `emulator.requests`; 10,000 when not given, 0 keeps none. */
  readonly requestLogMax?: number | undefined;
}
