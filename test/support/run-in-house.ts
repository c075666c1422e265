/** `runSource` as the queue's jobs call it, against a house's emulator. */
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { type RunEnvironment, type RunRequest, runSource } from '../../src/run/run-source.ts';
import type { SyncResult } from '../../src/sync/sync.ts';
import type { House } from './house.ts';
import { TextSink } from './streams.ts';

export interface RunInHouse {
  readonly env?: Readonly<Record<string, string>>;
  readonly request?: Partial<RunRequest>;
  readonly environment?: Partial<RunEnvironment>;
}

export const SILENT = createLog({ level: 'silent', format: 'json', color: false }, new TextSink(), false);

export function runInHouse(
  house: House,
  { env, request, environment }: RunInHouse = {},
): Promise<SyncResult> {
  const config = loadConfig(house.environment({ ENDPOINT: 'openai', ...env }));
  const [source] = config.sources;
  if (source === undefined) throw new Error('no source is set');
  return runSource(
    source,
    {
      kind: 'sync',
      since: null,
      until: null,
      isExplicit: false,
      reread: false,
      withMessages: false,
      ...request,
    },
    {
      ...config,
      log: SILENT,
      clock: { nowMs: () => house.now * 1000 },
      signal: new AbortController().signal,
      ...environment,
    },
  );
}
