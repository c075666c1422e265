/** A probe of the files that hold what people wrote, or a key: whether other users of this machine may read them. By path only. */
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Probe, probe } from '../../health/probe.ts';

/** @param files warehouse, logs, settings; `folders`: those that hold such files. What is not there is left out. */
export async function probePermissions(files: readonly string[], folders: readonly string[]): Promise<Probe> {
  const openFiles = await readableByOthers(files, 0o044);
  // Who may enter the queue's folder may use its socket.
  const openFolders = await readableByOthers(folders, 0o055);
  if (openFiles.length + openFolders.length === 0) {
    return probe('permissions', 'ok', 'the warehouse and the settings are for this user alone');
  }
  const commands = [
    ...(openFiles.length > 0 ? [`chmod 600 ${openFiles.map(quoted).join(' ')}`] : []),
    ...(openFolders.length > 0 ? [`chmod 700 ${openFolders.map(quoted).join(' ')}`] : []),
  ];
  return probe(
    'permissions',
    'warn',
    `other users of this machine may read ${[...openFiles, ...openFolders].join(', ')}`,
    commands.join('; '),
  );
}

async function readableByOthers(paths: readonly string[], bits: number): Promise<readonly string[]> {
  // Windows has no such permissions.
  if (process.platform === 'win32') return [];
  const found: string[] = [];
  for (const path of paths.map((one) => resolve(one))) {
    const mode = (await stat(path).catch(() => null))?.mode ?? 0;
    if ((mode & bits & (await reaching(path))) !== 0) found.push(path);
  }
  return found;
}

/** The permission bits of those who may pass all folders down to the path: of its group, of all others. */
async function reaching(path: string): Promise<number> {
  let bits = 0o077;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const mode = (await stat(folder).catch(() => null))?.mode ?? 0;
    if ((mode & 0o010) === 0) bits &= ~0o070;
    if ((mode & 0o001) === 0) bits &= ~0o007;
    if (bits === 0 || folder === dirname(folder)) return bits;
  }
}

/** For a shell. */
const quoted = (path: string): string =>
  /^[\w/.,:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
