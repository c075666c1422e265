/** `tokenhouse doctor`: whether a sync could run here, and what to mend when not. */
import { styleText } from 'node:util';
import { Option } from 'commander';
import type { Config, LocalConfig } from '../../config.ts';
import { SettingsError } from '../../errors.ts';
import { type Probe, type ProbeStatus, probe } from '../../health/probe.ts';
import type { CommandContext, CommandDefinition } from '../context.ts';
import { probeSource } from '../doctor/list-probe.ts';
import { probeDisk, probeEngine, probeNode, probeWarehouse } from '../doctor/local-probes.ts';
import { probePermissions } from '../doctor/permissions-probe.ts';
import { probePrices } from '../doctor/prices-probe.ts';
import { probeProxy } from '../doctor/proxy-probe.ts';
import { repairProbe } from '../doctor/repair-probe.ts';
import { write, writeJson } from '../output.ts';
import { counted } from '../status-text.ts';
import { wrapped } from '../wrap.ts';

interface DoctorOptions {
  readonly offline?: boolean;
  readonly repair?: boolean;
}

export const doctor: CommandDefinition = {
  name: 'doctor',
  examples: [
    ['tokenhouse doctor', 'settings, key, list, clock, warehouse, disk'],
    ['tokenhouse doctor --offline', 'without a request'],
    [
      'tokenhouse doctor --offline --repair',
      'a damaged log set aside; the next sync reads again what it held',
    ],
    ['tokenhouse doctor --json | jq \'.probes[] | select(.status != "ok")\'', 'what a script would look at'],
  ],
  define(command, run) {
    command
      .description(
        'Find out whether a sync could run here: settings, key and list endpoint of each source, clock, warehouse, ' +
          'disk, queue. Changes nothing without --repair, sends one request a source. Exits with the number of failed probes.',
      )
      .addOption(new Option('--offline', 'send no request'))
      .addOption(
        new Option(
          '--repair',
          'set a write-ahead log aside that keeps the warehouse from opening; nothing is deleted',
        ),
      )
      .action(() => run((context) => runDoctor(context, command.opts<DoctorOptions>())));
  },
};

/** @returns how many probes failed. */
export async function runDoctor(
  context: CommandContext,
  { offline = false, repair = false }: DoctorOptions,
): Promise<number> {
  const found: Probe[] = [];
  const tell = async (...probes: readonly Probe[]): Promise<void> => {
    found.push(...probes);
    if (context.json) return;
    for (const one of probes) await write(context.stdout, `${linesOf(one, context)}\n`);
  };
  const { settings, config, local } = settingsOf(context);
  await tell(probeNode(process.version), await probeEngine(), settings);
  if (local === null) {
    await tell(
      ...(['warehouse', 'disk', 'permissions', 'queue'] as const).map((name) =>
        probe(name, 'skipped', SETTINGS_FIRST),
      ),
    );
  } else {
    if (repair) await tell(await repairProbe(context, local));
    await tell(await probeWarehouse(local.warehouse, context.signal));
    await tell(await probeDisk(local.warehouse));
    await tell(await permissionsProbe(context, local));
    await tell(...probePrices(local));
    await tell(offline ? probe('queue', 'skipped', 'not asked: --offline') : await queueProbe(local));
  }
  for (const source of config?.sources ?? []) {
    await tell(...probeProxy(config?.proxy ?? null, source));
    if (offline) await tell(probe('list', 'skipped', 'not asked: --offline', null, source.name));
    else await tell(...(await probeSource(source, context.now, context.signal)));
  }
  if (config === null) await tell(probe('list', 'skipped', SETTINGS_FIRST));

  const failed = found.filter(({ status }) => status === 'failed').length;
  if (context.json) await writeJson(context.stdout, { failed, probes: found });
  else
    await write(
      context.stdout,
      `\n${failed === 0 ? 'no probe failed' : `${counted(failed, 'probe')} failed`}\n`,
    );
  // An exit code has a byte, of which shells use the upper half for signals.
  return Math.min(failed, 100);
}

const SETTINGS_FIRST = 'needs the settings above mended first';

function settingsOf(context: CommandContext): {
  settings: Probe;
  config: Config | null;
  local: LocalConfig | null;
} {
  try {
    const config = context.config();
    const names = config.sources.map(({ name }) => name).join(', ');
    const what = `${counted(config.sources.length, 'source')}: ${names}`;
    return { settings: probe('settings', 'ok', what), config, local: config };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const what = error.message.replace(/^settings:/, 'these are wrong or missing:');
    const settings = probe(
      'settings',
      'failed',
      what,
      'set them in the environment or in .env; see .env.example',
    );
    return { settings, config: null, local: localOf(context) };
  }
}

function permissionsProbe(context: CommandContext, { warehouse: { path } }: LocalConfig): Promise<Probe> {
  return probePermissions([path, `${path}.wal`, context.envFile], [`${path}.tmp`, `${path}.queue`]);
}

/** The clients of both servers take 0.2 s to load: only when one is asked. */
async function queueProbe({ queue }: LocalConfig): Promise<Probe> {
  const { probeQueue } = await import('../../../jobs/doctor-probes.ts');
  return probeQueue(queue);
}

/** A missing key says nothing of the warehouse. */
function localOf(context: CommandContext): LocalConfig | null {
  try {
    return context.localConfig();
  } catch (error) {
    if (error instanceof SettingsError) return null;
    throw error;
  }
}

const COLORS: Readonly<Record<ProbeStatus, 'green' | 'yellow' | 'red' | 'dim'>> = {
  ok: 'green',
  warn: 'yellow',
  failed: 'red',
  skipped: 'dim',
};
const STATUS_WIDTH = 9;
const NAME_WIDTH = 16;

function linesOf(
  { status, name, source, what, mend }: Probe,
  { color, columns }: Pick<CommandContext, 'color' | 'columns'>,
): string {
  const word = status.padEnd(STATUS_WIDTH);
  const shown = color ? styleText(COLORS[status], word, { validateStream: false }) : word;
  const title = `${source === null ? name : `${name} ${source}`} `.padEnd(NAME_WIDTH);
  const indent = STATUS_WIDTH + NAME_WIDTH;
  const first = wrapped(`${shown}${title}${what}`, columns, indent);
  return mend === null ? first : `${first}\n${wrapped(`${' '.repeat(indent)}-> ${mend}`, columns, 3)}`;
}
