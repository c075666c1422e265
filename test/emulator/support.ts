import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import type { EmulatorOptions } from '../../src/emulator/options.ts';

export interface ListBody {
  readonly object?: string;
  readonly data: readonly {
    readonly id: string;
    readonly created: number;
    readonly [key: string]: unknown;
  }[];
  readonly first_id?: string | null;
  readonly last_id?: string | null;
  readonly has_more?: boolean;
  readonly total?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** @param path behind `/v1`. */
export async function ask(emulator: Emulator, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(emulator.baseUrl + path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export async function list(emulator: Emulator, query = ''): Promise<ListBody> {
  const { text } = await ask(emulator, `/chat/completions${query === '' ? '' : `?${query}`}`);
  return JSON.parse(text) as ListBody;
}

/** Ids `a01`, `a02`, … of the seconds given; `a01` is the first in the argument. */
export async function withSeconds(
  seconds: readonly number[],
  options: EmulatorOptions = {},
): Promise<Emulator> {
  const emulator = await startEmulator({ nowSeconds: () => 10_000, ...options });
  emulator.store.add(
    ...seconds.map((created, place) => ({ id: `a${String(place + 1).padStart(2, '0')}`, created })),
  );
  return emulator;
}

export const idsOf = (page: ListBody): string[] => page.data.map(({ id }) => id);

/** Walks the list as the SDKs do: the last id of a page is the cursor of the next. */
export async function walk(emulator: Emulator, query: string, pagesMax = 100): Promise<string[]> {
  const ids: string[] = [];
  let after = '';
  for (let page = 0; page < pagesMax; page++) {
    const body = await list(emulator, `${query}${after}`);
    ids.push(...idsOf(body));
    if (body.data.length === 0 || body.has_more === false) break;
    after = `&after=${ids.at(-1)}`;
  }
  return ids;
}
