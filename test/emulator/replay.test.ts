import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/emulator.ts';
import type { NewRow } from '../../src/emulator/explicit.ts';
import {
  type Call,
  existingRows,
  OGX_CALLS,
  OPENAI_CALLS,
  type RecordedPage,
  type Row,
  readOgxCalls,
  readOpenAiCalls,
  sessionsOf,
  unionOfRows,
} from './recordings.ts';

interface PageBody {
  object: string;
  data: { id: string; created: number }[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

async function ask(emulator: Emulator, call: Pick<Call, 'method' | 'path' | 'requestBody'>): Promise<Answer> {
  const init: RequestInit = { method: call.method };
  if (call.requestBody !== null) init.body = JSON.stringify(call.requestBody);
  const response = await fetch(emulator.baseUrl + call.path, init);
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) };
}

/** What a page determines: every second above the cut one as a set, of the cut second only how many rows. */
function compareToRecorded(served: Answer, recorded: RecordedPage, union: ReadonlyMap<string, Row>): void {
  const page = served.body as PageBody;
  expect(page.data.map((row) => row.created)).toEqual(recorded.rows.map((row) => row.created));
  expect(page.has_more).toBe(recorded.hasMore);
  expect(page.first_id).toBe(page.data[0]?.id ?? recorded.firstId);
  expect(page.last_id).toBe(page.data.at(-1)?.id ?? recorded.lastId);
  const cut = recorded.hasMore ? recorded.rows.at(-1)?.created : undefined;
  const whole = (rows: readonly { id: string; created: number }[]): string[] =>
    rows
      .filter((row) => row.created !== cut)
      .map((row) => row.id)
      .sort();
  expect(whole(page.data)).toEqual(whole(recorded.rows));
  for (const row of page.data) {
    const known = union.get(row.id);
    if (known === undefined)
      expect(row.created).toBe(cut); // of this session's own rows, the one a cut second left out
    else expect(served.text).toContain(known.raw);
  }
}

interface Created {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

/** A recorded create leaves its row behind: the stored one where some call shows it, else what the reply tells of it. */
function storeCreated(emulator: Emulator, call: Call, shown: ReadonlyMap<string, string>): void {
  const { id, created, model } = call.body as Created;
  const request = call.requestBody as {
    metadata?: Record<string, string>;
    messages: { role: string; content: unknown }[];
  };
  const messages = request.messages.map(({ role, content }) =>
    JSON.stringify({
      role,
      content: Array.isArray(content) ? null : content,
      content_parts: Array.isArray(content) ? content : null,
      name: null,
    }),
  );
  emulator.store.add({ id, created, model, metadata: request.metadata ?? {}, messages, raw: shown.get(id) });
}

const titleWithout = (file: URL): string =>
  existsSync(file) ? '' : ' [skipped: the recordings are not beside this checkout]';

describe.skipIf(!existsSync(OPENAI_CALLS))(
  `replay of recorded OpenAI calls${titleWithout(OPENAI_CALLS)}`,
  () => {
    const calls = existsSync(OPENAI_CALLS) ? readOpenAiCalls() : [];
    const union = unionOfRows(calls);
    const shown = new Map([...union.values()].map((row) => [row.id, row.raw]));

    it('reads all of the recording', () => {
      expect(calls).toHaveLength(104);
      expect(union.size).toBeGreaterThan(369);
    });

    it.each([...sessionsOf(calls)])('%s', async (_session, sessionCalls) => {
      await using emulator = await startEmulator();
      const created = new Set(
        sessionCalls.filter((call) => call.method === 'POST').map((call) => (call.body as Created).id),
      );
      const existing = existingRows(sessionCalls, union);
      emulator.store.add(...existing.filter((row) => !created.has(row.id)));
      const existingIds = new Set(existing.map((row) => row.id));
      // Other sessions list it and this one does not: its row was not yet visible when the list was asked for.
      const isLate = (row: Created): boolean => union.has(row.id) && !existingIds.has(row.id);
      for (const call of sessionCalls) {
        const id = /^\/chat\/completions\/([^/?]+)/.exec(call.path)?.[1];
        if (call.method === 'POST' && id === undefined) {
          if (!isLate(call.body as Created)) storeCreated(emulator, call, shown);
          continue;
        }
        if (id !== undefined && call.status === 200 && emulator.store.find(id) === null) {
          // The session's create is in the half that was held back: its messages tell what was asked.
          const messages = sessionCalls
            .filter((other) => other.status === 200 && other.path.includes(`${id}/messages`))
            .flatMap((other) => (other.body as { data: unknown[] }).data)
            .map((message) => JSON.stringify(message));
          emulator.store.add({ id, created: 1_758_039_000, messages });
        }
        if (call.status === 404) {
          // Not yet visible, or deleted: either way the API does not know the id.
          const row = emulator.store.find(id ?? '');
          if (id !== undefined && row !== null && typeof row !== 'number') {
            emulator.store.delete(id);
            expect(await ask(emulator, call)).toMatchObject({ status: 404, body: call.body });
            emulator.store.add({ ...row, visibleAtSeconds: undefined, model: row.model ?? undefined });
          } else {
            expect(await ask(emulator, call)).toMatchObject({ status: 404, body: call.body });
          }
          continue;
        }
        const served = await ask(emulator, call);
        expect(served.status).toBe(call.status);
        if (call.page !== null) compareToRecorded(served, call.page, union);
        else if (call.method === 'GET' && call.path.includes('/messages'))
          expect(served.body).toEqual(call.body);
        else if (call.method === 'DELETE') expect(served.body).toEqual(call.body);
        else if (call.method === 'POST') {
          expect(served.body).toMatchObject({
            id,
            metadata: (call.requestBody as { metadata: object }).metadata,
          });
          expect(Object.keys(served.body as object)).toEqual(Object.keys(call.body as object));
        } else {
          expect(Object.keys(served.body as object).sort()).toEqual(Object.keys(call.body as object).sort());
        }
      }
    });

    it('walked as every SDK walks, the emulator loses rows of cut seconds, as the recorded API did', async () => {
      const walk = calls.filter((call) => call.page !== null && call.session.includes('ChatMetadata'));
      const rows = existingRows(walk, union);
      await using emulator = await startEmulator();
      emulator.store.add(...rows);
      const seen = new Set<string>();
      let after = '';
      for (;;) {
        const { body } = await ask(emulator, {
          method: 'GET',
          path: `/chat/completions${after}`,
          requestBody: null,
        });
        const page = body as PageBody;
        for (const row of page.data) seen.add(row.id);
        if (!page.has_more) break;
        after = `?after=${page.data.at(-1)?.id}`;
      }
      expect(seen.size).toBeLessThan(rows.length);
    });

    it('generated rows have the keys of recorded ones', async () => {
      await using emulator = await startEmulator({
        rows: 50,
        generate: { usageDetailsShare: 0, severalChoicesShare: 0 },
      });
      const { body } = await ask(emulator, {
        method: 'GET',
        path: '/chat/completions?limit=50',
        requestBody: null,
      });
      const [recorded] = union.values();
      const keys = Object.keys(JSON.parse(recorded?.raw ?? '{}') as object);
      for (const row of (body as PageBody).data) expect(Object.keys(row)).toEqual(keys);
    });
  },
);

describe.skipIf(!existsSync(OGX_CALLS))(`replay of recorded OGX calls${titleWithout(OGX_CALLS)}`, () => {
  const allCalls = existsSync(OGX_CALLS) ? readOgxCalls() : [];

  it.each([
    ['ogx 1.4.1', 'ogx-1.4'],
    ['ogx 1.5.0', 'ogx-1.5'],
  ] as const)('%s', async (server, preset) => {
    const calls = allCalls.filter(({ session }) => session === server);
    const union = unionOfRows(calls);
    await using emulator = await startEmulator({ preset });
    emulator.store.add(...unionWithCursors(calls, allCalls));
    for (const call of calls) {
      if (/\/messages$/.test(call.path)) {
        const id = call.path.split('/').at(-2) ?? '';
        const messages = (call.body as { data: unknown[] }).data.map((message) => JSON.stringify(message));
        const row = union.get(id);
        emulator.store.add({ ...(row ?? { created: 1_760_000_013 }), id, messages });
      }
      const cursor = new URL(call.path, 'http://recorded').searchParams.get('after');
      if (cursor && call.page?.rows.length === 0) emulator.store.add({ id: cursor, created: 1_760_004_664 });
      const served = await ask(emulator, call);
      expect(served.status, call.path).toBe(call.status);
      if (call.page === null || call.status !== 200) {
        // Retrieved rows that no list showed are known by their own text only.
        expect(served.body, call.path).toEqual(call.body);
        continue;
      }
      const page = served.body as PageBody;
      expect(Object.keys(page), call.path).toEqual(Object.keys(call.body as object));
      expect(
        page.data.map(({ id }) => id),
        call.path,
      ).toEqual(call.page.rows.map(({ id }) => id));
      expect(page, call.path).toEqual(call.body);
    }
  });
});

/**
 * Listed and retrieved rows of one server, and what the recording tells of the rows that only served as cursors: both
 * servers held the same rows, and 1.5 goes on inside the cursor's second.
 */
function unionWithCursors(calls: readonly Call[], allCalls: readonly Call[]): NewRow[] {
  const rows = new Map<string, NewRow>(unionOfRows(calls));
  for (const call of calls) {
    const { id, created } = call.body as { id?: string; created?: number };
    if (id !== undefined && created !== undefined)
      rows.set(id, { id, created, raw: JSON.stringify(call.body) });
  }
  for (const call of allCalls.filter(({ session }) => session === 'ogx 1.5.0')) {
    const after = new URL(call.path, 'http://recorded').searchParams.get('after');
    const second = call.page?.rows[0]?.created;
    if (after && second !== undefined && !rows.has(after)) rows.set(after, { id: after, created: second });
  }
  return [...rows.values()];
}
