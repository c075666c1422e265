/** Every command, in the order of `--help`. */
import type { CommandDefinition } from '../context.ts';
import { backfill } from './backfill.ts';
import { backupCommand } from './backup.ts';
import { completion } from './completion.ts';
import { demo } from './demo.ts';
import { doctor } from './doctor.ts';
import { emulate } from './emulate.ts';
import { exportCommand } from './export.ts';
import { gaps } from './gaps.ts';
import { get } from './get.ts';
import { init } from './init.ts';
import { jobs } from './jobs.ts';
import { prices } from './prices.ts';
import { publish } from './publish.ts';
import { query } from './query.ts';
import { report } from './report.ts';
import { restoreCommand } from './restore.ts';
import { runs } from './runs.ts';
import { schedule } from './schedule.ts';
import { schema } from './schema.ts';
import { serve } from './serve.ts';
import { status } from './status.ts';
import { sync } from './sync.ts';
import { worker } from './worker.ts';

export const COMMANDS: readonly CommandDefinition[] = [
  init,
  sync,
  backfill,
  worker,
  schedule,
  jobs,
  status,
  gaps,
  runs,
  get,
  report,
  query,
  prices,
  schema,
  publish,
  exportCommand,
  backupCommand,
  restoreCommand,
  serve,
  doctor,
  emulate,
  demo,
  completion,
];
