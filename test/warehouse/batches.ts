import {
  type Batch,
  type CompletionId,
  type Item,
  NO_COUNTS,
  type ObservedItem,
  type SecondRange,
  unixSeconds,
} from '../../src/sync/ports.ts';
import type { WarehouseFile } from '../../src/warehouse/warehouse-file.ts';
import { itemOf } from '../support/items.ts';

/** Makers of what a warehouse is given; without vitest, so that a child process can use them. */

export const SOURCE = 'test';
export const SCOPE = 'https://api.example/v1';
/** 2025-01-01T00:00:00Z */
export const T0 = 1_735_689_600;

/** A small loadable completion. `fields` are laid over it. */
export const completion = (id: string, created: number, fields: object = {}): object => ({
  id,
  object: 'chat.completion',
  created,
  model: 'gpt-4.1-2025-04-14',
  choices: [{ index: 0, message: { role: 'assistant', content: `answer of ${id}` }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  ...fields,
});

export const observed = (raw: string, observedAtMs = T0 * 1000): ObservedItem => ({
  item: itemOf(raw),
  observedAtMs,
});

export const observe = (body: object, observedAtMs?: number): ObservedItem =>
  observed(JSON.stringify(body), observedAtMs);

export const range = (from: number, to: number): SecondRange => ({
  from: unixSeconds(from),
  to: unixSeconds(to),
});

export const startRun = (warehouse: WarehouseFile): Promise<string> =>
  warehouse.startRun({
    source: SOURCE,
    scope: SCOPE,
    kind: 'sync',
    range: range(T0, T0 + 1000),
    startedAtMs: T0 * 1000,
  });

export const batch = (runId: string, fields: Partial<Batch> = {}): Batch => ({
  runId,
  source: SOURCE,
  scope: SCOPE,
  items: [],
  messages: [],
  covered: [],
  gaps: [],
  checkpoint: null,
  oldestServedAt: null,
  reread: null,
  counts: NO_COUNTS,
  end: null,
  ...fields,
});

export const completionId = (id: string): CompletionId => id as CompletionId;

/** An item as a source might hand it over, beyond what the parser makes. */
export const item = (fields: Partial<Item>): Item => ({
  id: completionId('chatcmpl-x'),
  createdAt: unixSeconds(T0),
  model: null,
  metadata: {},
  raw: Buffer.from('{}'),
  isPlain: false,
  rejection: null,
  ...fields,
});
