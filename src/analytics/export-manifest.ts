/** What an export folder holds, in a file of its own: which days are up to date. Without it everything is written again. */
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { modeForReaders } from '../permissions.ts';

export const FORMATS = ['parquet', 'csv', 'ndjson'] as const;
export type ExportFormat = (typeof FORMATS)[number];

const manifestShape = z.object({
  version: z.literal(1),
  format: z.enum(FORMATS),
  /** Newest commit of what was exported last: tells whether the changes since can be known. */
  change_number: z.number(),
  change_id: z.string(),
  tables: z.record(
    z.string(),
    z.object({
      /** Of the columns, marts and prices its files were written with. */
      definition: z.string(),
      days: z.record(z.string(), z.object({ rows: z.number(), bytes: z.number(), change: z.number() })),
    }),
  ),
});

export type Manifest = z.infer<typeof manifestShape>;
export type ExportedDay = Manifest['tables'][string]['days'][string];

/** Begins with `_`: readers of a folder of Parquet files leave such names out. */
const NAME = '_tokenhouse_export.json';

/** @returns null for a folder without one, or with one that cannot be read: all is written again then. */
export async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(join(folder, NAME), 'utf8')));
  } catch {
    return null;
  }
}

export async function writeManifest(folder: string, manifest: Manifest, isPrivate: boolean): Promise<void> {
  const beside = join(folder, `${NAME}.part`);
  await writeFile(beside, `${JSON.stringify(manifest)}\n`);
  await chmod(beside, isPrivate ? 0o600 : modeForReaders());
  await rename(beside, join(folder, NAME));
}
