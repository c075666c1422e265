/** `status --check`: one line and an exit code, for monitoring. */
import { CHECK_EXIT } from '../errors.ts';
import { type Check, type CheckQuestion, checkOf } from '../health/check.ts';
import type { CommandContext } from './context.ts';
import { failure } from './failure.ts';
import { write, writeJson } from './output.ts';

type Answer = Check | { readonly kind: 'unknown'; readonly reason: string };

/** @param read throws where the state cannot be read: that is an answer too. */
export async function tellCheck(
  context: CommandContext,
  read: () => Promise<CheckQuestion>,
): Promise<number> {
  let found: CheckQuestion | null = null;
  const answer = await read()
    .then((question): Answer => {
      found = question;
      return checkOf(question);
    })
    .catch((error: unknown): Answer => {
      if (context.signal.aborted) throw error;
      return { kind: 'unknown', reason: oneLine(failure(error, context.signal, false).text) };
    });
  const exitCode = CHECK_EXIT[answer.kind];
  const reason = oneLine(answer.kind === 'unknown' ? answer.reason : reasonOf(answer, found));
  if (context.json) {
    const troubles = answer.kind === 'unknown' ? [] : answer.troubles;
    await writeJson(context.stdout, { check: answer.kind, exit_code: exitCode, reason, troubles });
  } else {
    await write(context.stdout, `${answer.kind.replace('_', ' ')}: ${reason}\n`);
  }
  return exitCode;
}

/** The worst first, then the others. */
function reasonOf({ troubles }: Check, question: CheckQuestion | null): string {
  if (troubles.length > 0) {
    return troubles
      .map(({ source, reason }) => (source === null ? reason : `${source}: ${reason}`))
      .join('; ');
  }
  const statuses = question?.statuses.filter(({ isConfigured }) => isConfigured !== false) ?? [];
  const landed = statuses.map(({ source, lastLandedAt }) => `${source} landed ${lastLandedAt ?? 'never'}`);
  // Without a key it is not known how long the API keeps them.
  const isExpiryKnown = statuses.every(({ retentionDays }) => retentionDays !== null);
  const expiry = isExpiryKnown
    ? 'nothing expires soon'
    : 'what expires is not known without the source’s settings';
  return `${landed.join(', ')}; no gaps; ${expiry}`;
}

const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ').trim();
