/** What a person is told of a copy that is not as new as it should be. Pure. */
import type { CopyHealth } from './copy-health.ts';

/** One sentence without its full stop, commands between backticks; null: there is nothing to tell. */
export function copyNote(copy: CopyHealth): string | null {
  const { publishedAt, isStale, isOld, ageSeconds, hasWarehouse } = copy;
  if (isStale) {
    return `the published copy is stale: it is of ${timeText(publishedAt)}, and ${lackText(copy)}; \`tokenhouse publish\` brings it up to date`;
  }
  if (!isOld) return null;
  const age = `the published copy is ${spanText(ageSeconds)} old (${timeText(publishedAt)}), and by SCHEDULE a run should have replaced it`;
  return hasWarehouse
    ? `${age}: \`tokenhouse status\` shows the last runs`
    : `${age}: it is made by \`tokenhouse sync\` or \`tokenhouse publish\` where the warehouse is`;
}

function lackText({ publishedAt, runEndedAt, reason }: CopyHealth): string {
  const run =
    runEndedAt === null
      ? 'what was committed since'
      : `a run that ended ${spanText((Date.parse(runEndedAt) - Date.parse(publishedAt)) / 1_000)} later`;
  return reason === null
    ? `${run} was not published`
    : `${run} could not be published: ${reason.replace(/\.$/, '')}`;
}

const timeText = (time: string): string => time.replace('T', ' ').replace(/\.\d+/, '');

/** `31 h`, `3.0 days`. */
function spanText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  if (whole < 7_200) return `${Math.round(whole / 60)} min`;
  return whole < 172_800 ? `${Math.round(whole / 3_600)} h` : `${(whole / 86_400).toFixed(1)} days`;
}
