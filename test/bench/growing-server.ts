/**
 * A server in a process of its own for runs that find little: `node growing-server.ts ROWS` has so many rows of ten days ago;
 * each line on stdin is a number of new ones, spread over the last 25 minutes, and is answered by `grown`.
 */
import { createInterface } from 'node:readline';
import { startEmulator } from '../../src/emulator/emulator.ts';

const SPREAD_SECONDS = 25 * 60;
const now = () => Math.floor(Date.now() / 1000);

await using emulator = await startEmulator({
  rows: Number(process.argv[2] ?? 0),
  generate: { endSeconds: now() - 10 * 86_400 },
});
console.log(JSON.stringify({ baseUrl: emulator.baseUrl }));
let added = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const count = Number(line);
  const newest = now() - 60;
  emulator.store.add(
    Array.from({ length: count }, (_, place) => ({
      id: `chatcmpl-grown${String(added + place).padStart(24, '0')}`,
      created: newest - Math.floor((place * SPREAD_SECONDS) / count),
    })),
  );
  added += count;
  console.log('grown');
}
