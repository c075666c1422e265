/** Tries to take the lock on the file of its first argument; with `hold` it keeps it until it is killed. */
import { takeFileLock } from '../../src/warehouse/engine/file-lock.ts';

const [path = '', mode] = process.argv.slice(2);
for (;;) {
  const lock = await takeFileLock(path);
  if (lock !== null && mode === 'hold') {
    setInterval(() => {}, 60_000);
    break;
  }
  if (mode === 'try') {
    console.log(lock === null ? 'busy' : 'free');
    process.exit(0);
  }
  await new Promise((done) => setTimeout(done, 5));
}
