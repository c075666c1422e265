/** What `doctor --repair` did, or why it did nothing. */
import { resolve } from 'node:path';
import type { LocalConfig } from '../../config.ts';
import { BusyError, TokenhouseError } from '../../errors.ts';
import { type Probe, probe } from '../../health/probe.ts';
import { DamagedFileError } from '../../warehouse/engine/damage.ts';
import { repair } from '../../warehouse/repair.ts';
import type { CommandContext } from '../context.ts';
import { openCopy } from '../open-published.ts';
import { counted } from '../status-text.ts';
import { splitRemedy } from './local-probes.ts';

export async function repairProbe(context: CommandContext, config: LocalConfig): Promise<Probe> {
  const { warehouse } = config;
  const path = resolve(warehouse.path);
  try {
    const repaired = await repair({ ...warehouse, signal: context.signal }, context.now());
    if (repaired === null) return probe('repair', 'ok', `${path} is not there: nothing to repair`);
    const { logAside, completions } = repaired;
    if (logAside.length === 0) return probe('repair', 'ok', `${path} opens: nothing to repair`);
    return probe(
      'repair',
      'ok',
      `the log that could not be read is ${logAside.join(' and ')} now; without it ${path} has ${counted(completions, 'completion')}`,
      'run `tokenhouse sync`: it reads again what the log held (after a backfill, `tokenhouse backfill` as before); remove the old log then',
    );
  } catch (error) {
    if (context.signal.aborted || !(error instanceof TokenhouseError)) throw error;
    if (error instanceof BusyError) {
      return probe('repair', 'failed', `nothing was done: ${error.message}`, 'end that process first');
    }
    const { what, mend } = splitRemedy(error);
    const copy = error instanceof DamagedFileError ? await copyText(context, config) : null;
    const remedies = [mend, copy].filter((text) => text !== null);
    return probe('repair', 'failed', `nothing was done: ${what}`, remedies.join(' ') || null);
  }
}

/** Whoever has to decide wants to know what the copy still has. */
async function copyText(context: CommandContext, config: LocalConfig): Promise<string> {
  const copy = await openCopy(context, config);
  if (copy === null) return 'There is no published copy of it.';
  const { warehouse, publication } = copy;
  try {
    const { rows } = await warehouse.query('select count(*) from main.completions');
    const text = publication.content === 'full' ? 'with' : 'without';
    return `The published copy ${config.publish.to} holds ${counted(Number(rows[0]?.[0]), 'completion')} of ${publication.publishedAt} ${text} their text: those that the API has deleted since are there alone, so keep it: set PUBLISH_TO to another file.`;
  } finally {
    await warehouse.close();
  }
}
