/** Every command, in the order of `--help`. */
import type { CommandDefinition } from '../context.ts';
import { emulate } from './emulate.ts';

export const COMMANDS: readonly CommandDefinition[] = [emulate];
