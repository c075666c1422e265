/** Which process this is, so that another one on the same machine can tell for certain that it is gone. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

export const processIdentityShape = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** When it began, in the system's own unit: a pid is given again. null: the system does not tell. */
  start: z.string().nullable(),
  /** Where its pid means anything: one boot of one machine, one container. null: as above. */
  space: z.string().nullable(),
});
export type ProcessIdentity = z.infer<typeof processIdentityShape>;

export function ownProcess(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), start: startOf(process.pid), space: pidSpace() };
}

/** @returns true where that is certain: false also of a process elsewhere, which nothing is known of. */
export function isProcessGone({ pid, host, start, space }: ProcessIdentity): boolean {
  if (host !== hostname() || space !== pidSpace()) return false;
  if (space === null) return !hasProcess(pid);
  // null as well for one that was killed and whose parent has not asked for its end yet.
  const now = startOf(pid);
  return now === null || (start !== null && now !== start);
}

/** null: there is no such process, it is dead, or the system is not Linux. */
function startOf(pid: number): string | null {
  try {
    // The name of the program stands in parentheses and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [state, start] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' ? null : (start ?? null);
  } catch {
    return null;
  }
}

/** @see proc(5): the boot's id, and the inode of the namespace that pids are counted in. */
function pidSpace(): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Of another user, it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
