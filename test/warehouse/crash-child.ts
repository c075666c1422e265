/**
 * Child process of the crash and lock tests: node crash-child.ts <path> <step>.
 *
 * Loads batches of 20 rows for ever, one second of coverage each, from where coverage ends; kills itself at the given step
 * of its third batch. With the step `hold` it says `held` and keeps the file open.
 */
import { openWarehouse } from '../../src/warehouse/open.ts';
import { batch, completion, observe, range, SCOPE, SOURCE, startRun, T0 } from './batches.ts';

const [path = '', killAt = ''] = process.argv.slice(2);
let batches = 0;
const warehouse = await openWarehouse({
  path,
  content: 'full',
  waitSeconds: 5,
  onStep: (step) => {
    if (batches === 3 && step === killAt) process.kill(process.pid, 'SIGKILL');
  },
});
if (killAt === 'hold') {
  process.stdout.write('held\n');
  setInterval(() => undefined, 1000);
} else {
  const runId = await startRun(warehouse);
  const [held] = await warehouse.readCoverage(SOURCE, SCOPE);
  for (let second = held === undefined ? T0 : held.to + 1; ; second++) {
    batches++;
    const items = Array.from({ length: 20 }, (_, index) =>
      observe(completion(`c-${second}-${index}`, second)),
    );
    await warehouse.load(batch(runId, { items, covered: [range(second, second)] }));
    process.stdout.write(`${second}\n`);
  }
}
