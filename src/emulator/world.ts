import type { Faults } from './faults.ts';
import type { Quirks } from './quirks.ts';
import type { RowStore } from './store.ts';

/** All that an answer depends on, beside the request. */
export interface World {
  readonly store: RowStore;
  readonly quirks: Quirks;
  readonly faults: Faults;
  readonly seed: number;
  /** Server time, Unix seconds. */
  readonly nowSeconds: number;
}

export interface Asked {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}
