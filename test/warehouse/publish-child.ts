/**
 * Child process of the publishing tests.
 *
 * `node publish-child.ts publish <path> <step> [spare]`: publishes, `spare`: out of a spare file, and kills itself at the step.
 * `node publish-child.ts grab <path>`: tries to open the warehouse for writing until it can, then says how many completions it has.
 * `node publish-child.ts hold <copy>`: opens the copy, says how many completions it has, and again at each line it is sent.
 * `node publish-child.ts loop <copy>`: opens, counts and closes for ever; says `<opened> <errors> <last error>` when it is sent a line.
 */
import { createInterface } from 'node:readline';
import { openWarehouse } from '../../src/warehouse/open.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { publishBeside, SPARE } from './publishing.ts';

const [order = '', path = '', killAt = '', spare] = process.argv.slice(2);
const open = () => openWarehouse({ path, content: 'full', waitSeconds: 0, readOnly: true });
const count = async (copy: WarehouseFile) =>
  String((await copy.query('select count(*) from main.completions')).rows[0]?.[0]);
const lines = createInterface({ input: process.stdin });

if (order === 'publish') {
  lines.close();
  await publishBeside(path, {
    ...(spare === 'spare' ? SPARE : {}),
    onStep: (step) => {
      if (step === killAt) process.kill(process.pid, 'SIGKILL');
    },
  });
  console.log('done');
} else if (order === 'grab') {
  let warehouse: WarehouseFile | null = null;
  console.log('trying');
  while (warehouse === null) {
    warehouse = await openWarehouse({ path, content: 'full', waitSeconds: 0 }).catch(() => null);
  }
  console.log(await count(warehouse));
  await warehouse.close();
  lines.close();
} else if (order === 'hold') {
  const copy = await open();
  console.log(await count(copy));
  for await (const _ of lines) console.log(await count(copy));
  await copy.close();
} else {
  let [opened, errors, last, ended] = [0, 0, '', false];
  lines.on('line', () => {
    ended = true;
  });
  console.log('ready');
  while (!ended) {
    try {
      await using copy = await open();
      await count(copy);
      opened += 1;
    } catch (error) {
      errors += 1;
      last = error instanceof Error ? error.message : 'unknown';
    }
  }
  console.log(`${opened} ${errors} ${last}`);
  lines.close();
}
