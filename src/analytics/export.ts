/** Writes tables into files, a file a day, and only the days that changed since the last time. */
import { SettingsError, TerminalError } from '../errors.ts';
import type { ExportSource, ExportTable } from '../warehouse/read/export-source.ts';
import { bytesOf, daysThere, makeFolder, removeDay, replaceDay } from './export-files.ts';
import {
  type ExportedDay,
  type ExportFormat,
  type Manifest,
  readManifest,
  writeManifest,
} from './export-manifest.ts';

export interface ExportRequest {
  readonly folder: string;
  readonly format: ExportFormat;
  /** CSV with texts as they are, also those that a spreadsheet would take for formulas. */
  readonly isRawCsv: boolean;
  readonly tables: readonly ExportTable[];
  /** First day; null: the first there is. */
  readonly since: string | null;
  /** The day after the last; null: no end. */
  readonly until: string | null;
  readonly version: Awaited<ReturnType<ExportSource['version']>>;
  readonly signal: AbortSignal;
  readonly onProgress: (done: ExportProgress) => void;
}

export interface ExportProgress {
  readonly table: string;
  readonly days: number;
  readonly daysTotal: number;
}

export interface ExportedTable {
  /** Its folder. */
  readonly table: string;
  /** Written this time. */
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  /** Days whose last row is gone, or that hold none any more. */
  readonly filesRemoved: number;
  /** Days that were up to date. */
  readonly filesKept: number;
}

/** Main tables by their name, all others with their schema. */
export const folderOf = ({ schema, name }: ExportTable): string =>
  schema === 'main' ? name : `${schema}.${name}`;

/** The manifest is brought up to date that often: what is written by then need not be written again. */
const SAVE_EVERY_MS = 2_000;

/**
 * @returns what was written, table by table.
 * @throws {SettingsError} for a folder with an export of another format; {@link TerminalError} when it cannot be written to;
 * the signal's reason. What is written stays, and the next export goes on from there.
 */
export async function exportTables(
  source: ExportSource,
  request: ExportRequest,
): Promise<readonly ExportedTable[]> {
  try {
    const isPrivate = await source.hasText(request.tables);
    await makeFolder(request.folder, isPrivate);
    const manifest = await startingManifest(source, request);
    const changes = await source.dayChanges();
    const exported: ExportedTable[] = [];
    try {
      for (const table of request.tables) {
        exported.push(await exportTable(source, table, { ...request, isPrivate }, manifest, changes));
      }
    } finally {
      await writeManifest(request.folder, manifest, isPrivate);
    }
    return exported;
  } catch (error) {
    request.signal.throwIfAborted();
    if (error instanceof Error && 'code' in error) {
      throw new TerminalError(`--to ${request.folder} cannot be written to (${String(error.code)})`, {
        cause: error,
      });
    }
    throw error;
  }
}

/** What is known to be up to date in the folder, as of now. */
async function startingManifest(source: ExportSource, request: ExportRequest): Promise<Manifest> {
  const { version, format, folder } = request;
  const former = await readManifest(folder);
  if (former !== null && former.format !== format) {
    throw new SettingsError(
      `--to ${folder} holds an export as ${former.format}: name another folder, or that format`,
    );
  }
  const now = {
    version: 1 as const,
    format,
    change_number: version.changeNumber,
    change_id: version.changeId,
  };
  // Of another warehouse, or of one that was put back to an earlier state: what changed since cannot be told.
  const goesOn = former !== null && (await source.hasChange(former.change_number, former.change_id));
  return { ...now, tables: goesOn ? former.tables : {} };
}

async function exportTable(
  source: ExportSource,
  table: ExportTable,
  request: ExportRequest & { readonly isPrivate: boolean },
  manifest: Manifest,
  changes: ReadonlyMap<string, number>,
): Promise<ExportedTable> {
  const { folder, format, isRawCsv, isPrivate, signal } = request;
  const written = format === 'csv' && isRawCsv ? 'raw-csv' : format;
  // Files of the other kind of CSV are written again.
  const definition =
    format === 'csv' && !isRawCsv ? `${request.version.definition} safe` : request.version.definition;
  const name = folderOf(table);
  const held = manifest.tables[name];
  const known = held?.definition === definition ? held.days : {};
  const days: Record<string, ExportedDay> = { ...known };
  manifest.tables[name] = { definition, days };
  const there = table.isOfDays ? [...changes.keys()] : await source.daysOf(table);
  const wanted = there.filter((day) => isWithin(day, request));
  const counts = { table: name, files: 0, rows: 0, bytes: 0, filesRemoved: 0, filesKept: 0 };

  for (const day of await daysThere(folder, name)) {
    if (!isWithin(day, request) || wanted.includes(day)) continue;
    await removeDay(folder, name, day, format);
    delete days[day];
    counts.filesRemoved += 1;
  }
  let savedMs = performance.now();
  for (const [index, day] of wanted.entries()) {
    signal.throwIfAborted();
    const change = changes.get(day) ?? 0;
    const before = await bytesOf(folder, name, day, format);
    if (table.isOfDays && isUpToDate(known[day], change, before)) {
      counts.filesKept += before === null ? 0 : 1;
      continue;
    }
    request.onProgress({ table: name, days: index, daysTotal: wanted.length });
    const file = await replaceDay({ folder, table: name, day, isPrivate }, format, (path) =>
      source.writeDay(table, day, path, written),
    );
    days[day] = { rows: file?.rows ?? 0, bytes: file?.bytes ?? 0, change };
    counts.files += file === null ? 0 : 1;
    counts.rows += file?.rows ?? 0;
    counts.bytes += file?.bytes ?? 0;
    counts.filesRemoved += file === null && before !== null ? 1 : 0;
    if (performance.now() - savedMs > SAVE_EVERY_MS) {
      await writeManifest(folder, manifest, isPrivate);
      savedMs = performance.now();
    }
  }
  return counts;
}

const isWithin = (day: string, { since, until }: Pick<ExportRequest, 'since' | 'until'>): boolean =>
  (since === null || day >= since) && (until === null || day < until);

/** A day without rows has no file. @param bytes of its file; null: none. */
const isUpToDate = (exported: ExportedDay | undefined, change: number, bytes: number | null): boolean =>
  exported !== undefined && exported.change >= change && exported.bytes === (bytes ?? 0);
