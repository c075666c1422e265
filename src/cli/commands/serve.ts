/** `tokenhouse serve`: the dashboard, metrics and probes over HTTP. */
import { once } from 'node:events';
import { Option } from 'commander';
import type { Config, LocalConfig } from '../../config.ts';
import { SettingsError } from '../../errors.ts';
import type { SourceSettings } from '../../source/settings.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { wholeNumber } from '../options.ts';
import { write, writeJson } from '../output.ts';

interface ServeOptions {
  readonly host?: string;
  readonly port?: number;
}

export const serve: CommandDefinition = {
  name: 'serve',
  examples: [
    ['tokenhouse serve', 'the dashboard at http://127.0.0.1:8484'],
    ['tokenhouse --warehouse demo.duckdb serve --port 0', 'that of another warehouse, on a free port'],
    [
      'HTTP_TOKEN=$(openssl rand -hex 24) tokenhouse serve --host 0.0.0.0',
      'for other machines, behind a password',
    ],
  ],
  define(command, run) {
    command
      .description(
        'Serve the dashboard at /, and /metrics, /healthz, /readyz and the queue at /queues beside it. Reads the published copy, or the warehouse where ' +
          'there is none; no key is needed, and no sync waits for it.',
      )
      .addOption(new Option('--host <address>', 'where to listen (HTTP_HOST)'))
      .addOption(
        new Option('--port <n>', 'port to listen at, 0 for a free one (HTTP_PORT)').argParser(
          wholeNumber(0, 65_535),
        ),
      )
      .action(() => run((context) => start(context, command.opts<ServeOptions>())));
  },
};

async function start(context: CommandContext, options: ServeOptions): Promise<undefined> {
  const { local, sources } = settingsOf(context, options);
  // Charts, web server and queue take 0.3 s to load, which no other command should wait for.
  const { startServeService } = await import('../serve-service.ts');
  await using service = await startServeService(context, local, sources);
  if (context.json) await writeJson(context.stdout, { url: service.url });
  else await write(context.stdout, greeting(service.url, local, service.hasQueue));
  // To be stopped is how a server ends, not a failure.
  if (!context.signal.aborted) await once(context.signal, 'abort');
}

function settingsOf(
  context: CommandContext,
  { host, port }: ServeOptions,
): { readonly local: LocalConfig; readonly sources: readonly SourceSettings[] | null } {
  const flags = { HTTP_HOST: host, ...(port === undefined ? {} : { HTTP_PORT: String(port) }) };
  const local = context.localConfig(flags);
  try {
    const { sources }: Config = context.config(flags);
    return { local, sources };
  } catch (error) {
    // Without a key the numbers are there all the same; what expires when is not known.
    if (!(error instanceof SettingsError)) throw error;
    return { local, sources: null };
  }
}

const greeting = (url: string, { web }: LocalConfig, hasQueue: boolean): string =>
  [
    `Dashboard at ${url}/ (Ctrl-C stops)${web.token === null ? '' : '; the password is HTTP_TOKEN, the user name any'}`,
    `Metrics at ${url}/metrics, probes at /healthz and /readyz${hasQueue ? ', the queue at /queues' : ''}`,
    '',
  ].join('\n');
