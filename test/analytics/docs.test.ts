import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeMarts, withMarts } from '../support/marts-docs.ts';
import { projectRoot } from '../support/shell.ts';

test('every mart and every column of one says what it is, and sql/README.md has them all (else: npm run docs:marts)', async () => {
  const marts = await describeMarts();
  for (const { name, comment, columns } of marts) {
    expect({ name, comment: comment?.length ?? 0 }).toMatchObject({
      comment: expect.toSatisfy((n) => n > 20),
    });
    expect({ name, columns: columns.length }).not.toMatchObject({ columns: 0 });
    expect({ name, without: columns.filter((column) => (column.comment?.length ?? 0) < 10) }).toEqual({
      name,
      without: [],
    });
  }
  const readme = readFileSync(join(projectRoot, 'sql/README.md'), 'utf8');
  expect(withMarts(readme, marts)).toBe(readme);
});
