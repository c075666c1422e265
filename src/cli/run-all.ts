/** Runs each source in turn, with a progress line, and tells what came of it. */
import type { Tracer } from '@opentelemetry/api';
import { alertsAfter } from '../alerts/after-run.ts';
import { publishAlert } from '../alerts/alerts.ts';
import { beatOf, sendHeartbeat } from '../alerts/heartbeat.ts';
import { postAlerts } from '../alerts/post.ts';
import type { Config } from '../config.ts';
import { BusyError } from '../errors.ts';
import { startTracing } from '../observe/tracing.ts';
import { type PublishOutcome, publishAfterRun, publishObject } from '../run/publish-run.ts';
import { type RunRequest, runSource } from '../run/run-source.ts';
import {
  exitCodeOf,
  publishExitCode,
  type RunOutcome,
  reportObject,
  worstExitCode,
} from '../run/run-summary.ts';
import type { SourceSettings } from '../source/settings.ts';
import type { CommandContext } from './context.ts';
import { failure } from './failure.ts';
import { write, writeJson } from './output.ts';
import { createProgress } from './progress.ts';
import { reportLines } from './run-report.ts';
import { wrapped } from './wrap.ts';

/** Of one run's alerts together. A webhook that is down must not keep a cron job for long. */
const ALERT_SECONDS_MAX = 20;

/** @returns the exit code: that of the source, or of their copy, that needs a person most. */
export async function runAll(
  context: CommandContext,
  config: Config,
  sources: readonly SourceSettings[],
  request: RunRequest,
): Promise<number> {
  const outcomes: RunOutcome[] = [];
  const tracing = await startTracing(config.tracing, context.log);
  try {
    for (const source of sources) {
      const startedAtMs = context.now();
      const outcome = await runOne(context, config, source, request, tracing.tracer);
      outcomes.push(outcome);
      if (!context.json) await tell(context, outcome);
      if (context.signal.aborted) break;
      await alert(context, config, source, request, outcome, startedAtMs);
    }
  } finally {
    await tracing.shutdown();
  }
  const published = await publishOnce(context, config, outcomes);
  await beat(context, config, request, outcomes);
  if (context.json) {
    const objects = outcomes.map((outcome) => ({ ...reportObject(outcome), ...publishObject(published) }));
    await writeJson(context.stdout, objects);
  }
  return worstExitCode([...outcomes.map(exitCodeOf), publishExitCode(published)]);
}

/** Once for all of them, whatever came of each: what they have committed is there. */
async function publishOnce(
  context: CommandContext,
  config: Config,
  outcomes: readonly RunOutcome[],
): Promise<PublishOutcome> {
  const { log, signal } = context;
  // Whoever has the warehouse publishes what is in it; a run that did not get it has committed nothing.
  const hasRun = outcomes.some((one) => one.kind === 'ran' || !(one.error instanceof BusyError));
  if (!hasRun) return { kind: 'off' };
  const outcome = await publishAfterRun(config, log, signal);
  if (outcome.kind !== 'failed') return outcome;
  if (!context.json) {
    await write(
      context.stdout,
      `not published: ${outcome.reason.replace(/\.$/, '')}; readers have the copy before, \`tokenhouse publish\` makes the new one\n`,
    );
  }
  const { webhook } = config.alerts;
  if (webhook !== null && !outcome.isInterrupted) {
    const sources = outcomes.map(({ source }) => source);
    const alerts = [publishAlert({ sources, reason: outcome.reason, nowMs: context.now() })];
    await postAlerts(webhook, alerts, log, ALERT_SECONDS_MAX);
  }
  return outcome;
}

async function runOne(
  context: CommandContext,
  config: Config,
  source: SourceSettings,
  request: RunRequest,
  tracer: Tracer | null,
): Promise<RunOutcome> {
  const startedMs = performance.now();
  const progress = createProgress(context.statusLine, context.log, () => performance.now());
  try {
    const result = await runSource(source, request, {
      ...config,
      log: context.log,
      clock: { nowMs: context.now },
      signal: context.signal,
      tracer,
      onProgress: ({ counts, reached, walkers, pagesLeft }) =>
        progress.update({
          label: source.name,
          rows: counts.rowsRead,
          pages: counts.pages,
          reachedAt: reached,
          walkers,
          share: pagesLeft === null ? null : counts.pages / Math.max(1, counts.pages + pagesLeft),
        }),
    });
    return { source: source.name, kind: 'ran', result, elapsedMs: performance.now() - startedMs };
  } catch (error) {
    // Stopped before there was a run to end: the frame says so.
    if (context.signal.aborted) throw error;
    return { source: source.name, kind: 'failed', error };
  } finally {
    progress.end();
  }
}

/** Whatever comes of it, the run came to what it came to. */
async function alert(
  context: CommandContext,
  config: Config,
  source: SourceSettings,
  { kind }: RunRequest,
  outcome: RunOutcome,
  startedAtMs: number,
): Promise<void> {
  const { webhook } = config.alerts;
  if (webhook === null) return;
  const error = outcome.kind === 'failed' ? outcome.error : null;
  const ended = { source, kind, startedAtMs, nowMs: context.now(), error };
  const alerts = await alertsAfter(ended, config, (err) =>
    context.log.warn({ source: source.name, err }, 'gaps and expiry could not be looked up for an alert'),
  );
  await postAlerts(webhook, alerts, context.log, ALERT_SECONDS_MAX);
}

/** Of the sync: a backfill that lands says nothing of the night's run, and one that fails is watched by whoever began it. */
async function beat(
  { log, signal }: CommandContext,
  { alerts: { heartbeatUrl } }: Config,
  { kind }: RunRequest,
  outcomes: readonly RunOutcome[],
): Promise<void> {
  if (heartbeatUrl === null || kind !== 'sync' || signal.aborted) return;
  const beat = beatOf(outcomes.map((one) => (one.kind === 'failed' ? 'failed' : one.result.status)));
  if (beat !== null) await sendHeartbeat(heartbeatUrl, beat, log);
}

async function tell(context: CommandContext, outcome: RunOutcome): Promise<void> {
  if (outcome.kind === 'ran') {
    await write(context.stdout, `${wrapped(reportLines(outcome).join('\n'), context.columns, 2)}\n`);
    return;
  }
  const { text } = failure(outcome.error, context.signal, context.log.isLevelEnabled('debug'));
  // Most errors of a source name it themselves.
  const isNamed = text.startsWith(`source ${outcome.source}:`);
  context.note(`${isNamed ? '' : `${outcome.source}: `}${text}`);
}
