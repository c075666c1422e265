import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { batch, completion, observe, open, startRun, T0, temporaryWarehouse, value } from './support.ts';

/** The least memory that is allowed; an audio answer has about a million characters that do not compress. */
const LEAST = { memoryLimit: '128MB' };
const ANSWER_CHARACTERS = 1_000_000;

const long = (place: number) =>
  observe(
    completion(`long${place}`, T0 + place, {
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: randomBytes(ANSWER_CHARACTERS / 2).toString('hex') },
          finish_reason: 'stop',
        },
      ],
    }),
  );

test('a warehouse of long rows can be written again and again, within the least memory', async () => {
  const path = await temporaryWarehouse();
  const total = 3 * 4 * 16;
  for (let run = 0; run < 3; run += 1) {
    const warehouse = await open(path, LEAST);
    const runId = await startRun(warehouse);
    for (let part = 0; part < 4; part += 1) {
      const first = (4 * run + part) * 16;
      const items = Array.from({ length: 16 }, (_, place) => long(first + place));
      const counts = await warehouse.load(batch(runId, { items }));
      expect(counts).toMatchObject({ rowsInserted: 16, rowsRejected: 0 });
    }
    await warehouse.close();
  }
  const warehouse = await open(path, LEAST);
  expect(await value(warehouse, 'select count(*) from main.completions')).toBe(BigInt(total));
  // A few short ones beside them, as a quiet night brings.
  const runId = await startRun(warehouse);
  await warehouse.load(batch(runId, { items: [observe(completion('short', T0 - 5))] }));
  await warehouse.close();
  const again = await open(path, LEAST);
  const lengths = await again.query(
    "select min(length(content)) from main.completion_choices where completion_id <> 'short'",
  );
  expect(lengths.rows).toEqual([[BigInt(ANSWER_CHARACTERS)]]);
});
