import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Attachment, attach, connect, detach, reattach } from '../../src/warehouse/engine/attachment.ts';
import { OutOfMemoryError } from '../../src/warehouse/engine/engine-error.ts';
import { Held } from '../../src/warehouse/engine/held.ts';
import { transactionInLess } from '../../src/warehouse/engine/memory.ts';
import type { Session } from '../../src/warehouse/engine/session.ts';
import { open, temporaryPath } from './support.ts';

interface Opened {
  readonly attachment: Attachment;
  readonly session: Session;
  readonly helper: Session;
}

async function withTwo(path: string, work: (opened: Opened) => Promise<void>): Promise<void> {
  await (await open(path)).close();
  const options = {
    path,
    readOnly: false,
    sharesWriter: false,
    memoryLimit: '512MB',
    nowMs: Date.now,
  };
  const attachment = await attach(options);
  if (attachment instanceof Held) throw new Error('held');
  const session = await connect(attachment.instance);
  const helper = await connect(attachment.instance);
  try {
    await work({ attachment, session, helper });
  } finally {
    await session.close();
    await helper.close();
    await detach(attachment);
  }
}

const run = (session: Session, text: string) =>
  session.exclusive((statements) => statements.run('test', undefined, text));

const first = (session: Session, text: string) =>
  session.exclusive(async (statements) => (await statements.query('test', text)).rows[0]?.[0]);

/** About 400 MB that cannot go to the disk. */
const LARGE = 'insert into held select len(list(i)) from range(20_000_000) as numbers (i)';

test('what does not fit into less memory is done once more within the limit, and committed once', async () => {
  await withTwo(await temporaryPath(), async ({ session }) => {
    await run(session, 'create or replace temp table held (size bigint)');
    const limits: unknown[] = [];
    await session.exclusive((statements) =>
      transactionInLess(statements, '2GB', async () => {
        const { rows } = await statements.query('test', "select current_setting('memory_limit')");
        limits.push(rows[0]?.[0]);
        await statements.run('test', undefined, LARGE);
      }),
    );
    expect(limits).toEqual(['91.5 MiB', '1.8 GiB']);
    expect(await first(session, "select string_agg(size, ' ') from held")).toBe('20000000');
  });
});

test('what fits into less memory is done once, and the limit stands again', async () => {
  await withTwo(await temporaryPath(), async ({ session }) => {
    await run(session, 'create or replace temp table held (size bigint)');
    await session.exclusive((statements) =>
      transactionInLess(statements, '512MB', async () => {
        await statements.run('test', undefined, 'insert into held select 1');
      }),
    );
    expect(await first(session, 'select count(*) from held')).toBe(1n);
    expect(await first(session, "select current_setting('memory_limit')")).toBe('488.2 MiB');
    // Beyond the limit too it is the limit's own error.
    const tooLarge = session.exclusive((statements) =>
      transactionInLess(statements, '192MB', async () => {
        await statements.run('test', undefined, LARGE);
      }),
    );
    await expect(tooLarge).rejects.toThrow(OutOfMemoryError);
    expect(await first(session, 'select count(*) from held')).toBe(1n);
  });
});

test('the file is attached anew, and what else is attached stays; not beside another user of it', async () => {
  const path = await temporaryPath();
  await withTwo(path, async ({ attachment, session, helper }) => {
    await run(session, "attach ':memory:' as beside; create view beside.runs as from dest.sync.runs");
    const again = () =>
      session.exclusive((statements) => reattach(attachment, [session, helper], statements));
    const dest = "select database_oid from duckdb_databases() where database_name = 'dest'";
    const before = await first(session, dest);
    expect(await again()).toBe(true);
    const after = await first(session, dest);
    expect(after).not.toBe(before);
    expect(await first(helper, 'select count(*) from beside.runs, sync.runs')).toBe(0n);
    expect(existsSync(`${path}.reopening`)).toBe(false);
    const other = await open(path);
    expect(await again()).toBe(false);
    await other.close();
    const third = await connect(attachment.instance);
    expect(await again()).toBe(false);
    await third.close();
    expect(await first(session, dest)).toBe(after);
    expect(await again()).toBe(true);
  });
});
