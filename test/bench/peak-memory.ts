/** Preloaded into a measured process (`node --import`): leaves its peak memory, in KiB, in the file of PEAK_FILE. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const file = process.env['PEAK_FILE'];
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS));
});
