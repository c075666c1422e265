/** The environment, the `.env` file and flags, checked once at the start, as a Config. `process.env` is read here only. */
import { resolve } from 'node:path';
import { type Environment, type SettingFlags, type SettingsReader, settingsReader } from './config/reader.ts';
import { readSources } from './config/sources.ts';
import type { SettingValue } from './config/table.ts';
import type { SourceSettings } from './source/settings.ts';

export interface LogSettings {
  readonly level: SettingValue<'LOG_LEVEL'>;
  readonly format: SettingValue<'LOG_FORMAT'>;
  /** false when NO_COLOR says so. */
  readonly color: boolean;
}

export interface WarehouseSettings {
  /** Path of the DuckDB file. */
  readonly path: string;
  readonly memoryLimit: string;
  /** `none`: the text of prompts and answers is left out. */
  readonly content: 'full' | 'none';
  /** How long to wait for a file that another process has open. */
  readonly waitSeconds: number;
  /** CSV of contract prices; null: none. */
  readonly pricesFile: string | null;
}

export interface PublishSettings {
  /** Path of the published copy; null: none is made. */
  readonly to: string | null;
  /** `none`: without the text of prompts and answers. */
  readonly content: 'none' | 'full';
}

export interface SyncSettings {
  /** How far back a sync fills. */
  readonly days: number;
  /** The youngest minutes: loaded, never marked covered. */
  readonly settleMinutes: number;
  readonly pageSize: number;
  readonly batchRows: number;
  readonly batchSeconds: number;
}

export interface ReportSettings {
  /** Folder of the person's own reports; null: none. */
  readonly dir: string | null;
  /** US dollars a month; null: none. */
  readonly budgetMonthly: number | null;
}

/** What a command needs that calls no API. */
export interface LocalConfig {
  readonly warehouse: WarehouseSettings;
  readonly publish: PublishSettings;
  readonly sync: SyncSettings;
  readonly reports: ReportSettings;
  readonly log: LogSettings;
}

export interface Config extends LocalConfig {
  /** At least one, in the order of `SOURCES`. */
  readonly sources: readonly SourceSettings[];
}

/** The process's environment. A copy, so that nothing can set a variable on the way. */
export const processEnvironment = (): Environment => ({ ...process.env });

/**
 * Everything, the sources included.
 *
 * @param environment the `.env` file's variables under the process's own.
 * @param flags settings from the command line, by the same names; they win.
 * @throws {SettingsError} one for all that is wrong or missing, without any value.
 */
export function loadConfig(environment: Environment, flags: SettingFlags = {}): Config {
  const reader = settingsReader(environment, flags);
  const config = { ...readLocal(reader), sources: readSources(reader) };
  reader.check();
  return config;
}

/** The same without the sources, for commands that need no key: `status`, `query`, … */
export function loadLocalConfig(environment: Environment, flags: SettingFlags = {}): LocalConfig {
  const reader = settingsReader(environment, flags);
  const config = readLocal(reader);
  reader.check();
  return config;
}

/** For the logger, which is there before the settings are checked: a wrong value counts as absent and is told of later. */
export function loadLogSettings(environment: Environment, flags: SettingFlags = {}): LogSettings {
  return readLog(settingsReader(environment, flags));
}

function readLocal(reader: SettingsReader): LocalConfig {
  return {
    warehouse: {
      path: reader.value('WAREHOUSE'),
      memoryLimit: reader.value('DUCKDB_MEMORY_LIMIT'),
      content: reader.value('CONTENT'),
      waitSeconds: reader.value('WAIT_SECONDS'),
      pricesFile: reader.value('PRICES_FILE'),
    },
    publish: { to: readPublishTo(reader), content: reader.value('PUBLISH_CONTENT') },
    sync: {
      days: reader.value('SYNC_DAYS'),
      settleMinutes: reader.value('SETTLE_MINUTES'),
      pageSize: reader.value('PAGE_SIZE'),
      batchRows: reader.value('BATCH_ROWS'),
      batchSeconds: reader.value('BATCH_SECONDS'),
    },
    reports: { dir: reader.value('REPORTS_DIR'), budgetMonthly: reader.value('BUDGET_MONTHLY') },
    log: readLog(reader),
  };
}

function readPublishTo(reader: SettingsReader): string | null {
  const warehouse = reader.value('WAREHOUSE');
  const to = reader.value('PUBLISH_TO') ?? `${warehouse.replace(/\.duckdb$/, '')}.published.duckdb`;
  if (to === 'none') return null;
  if (resolve(to) === resolve(warehouse)) {
    reader.complain('PUBLISH_TO', 'is the warehouse itself: name another file, or none');
  }
  return to;
}

function readLog(reader: SettingsReader): LogSettings {
  return {
    level: reader.value('LOG_LEVEL'),
    format: reader.value('LOG_FORMAT'),
    color: reader.value('NO_COLOR') === null,
  };
}
