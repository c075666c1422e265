/** Every command, in the order of `--help`. */
import type { CommandDefinition } from '../context.ts';
import { backfill } from './backfill.ts';
import { demo } from './demo.ts';
import { emulate } from './emulate.ts';
import { sync } from './sync.ts';

export const COMMANDS: readonly CommandDefinition[] = [sync, backfill, emulate, demo];
