/** What `doctor` finds out, one thing a probe. */

/** `skipped`: not tried, as something before it failed or was not asked for. */
export type ProbeStatus = 'ok' | 'warn' | 'failed' | 'skipped';

export interface Probe {
  /** `list` and `clock` are there once a source, and so is `proxy` where one is set; `prices` where PRICES_URL is. */
  readonly name:
    | 'node'
    | 'duckdb'
    | 'settings'
    | 'repair'
    | 'warehouse'
    | 'disk'
    | 'permissions'
    | 'queue'
    | 'prices'
    | 'proxy'
    | 'list'
    | 'clock';
  readonly source: string | null;
  readonly status: ProbeStatus;
  /** What was found, on one line; no key, no URL's secret, no text of a reply. */
  readonly what: string;
  /** How to mend it, on one line; null where there is nothing to. */
  readonly mend: string | null;
}

export function probe(
  name: Probe['name'],
  status: ProbeStatus,
  what: string,
  mend: string | null = null,
  source: string | null = null,
): Probe {
  return { name, source, status, what: oneLine(what), mend: mend === null ? null : oneLine(mend) };
}

const oneLine = (text: string): string => text.replace(/:\s*\n\s*/g, ': ').replace(/\s*\n\s*/g, '; ');
