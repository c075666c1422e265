/**
 * Preloaded into a measured process (`node --import`): leaves its peak memory, in KiB, in the file of PEAK_FILE.
 * A launcher that starts the program anew, or in a process beside it, hands the preload on: the largest one counts.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const file = process.env['PEAK_FILE'];
  if (file === undefined) return;
  const before = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  writeFileSync(file, String(Math.max(before, process.resourceUsage().maxRSS)));
});
