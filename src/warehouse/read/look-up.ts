/** What a person asks of an open warehouse beyond the state that the sync itself reads. */
import { type UnixSeconds, unixSeconds } from '../../sync/ports.ts';
import type { SqlParameters } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import type { SqlValue } from '../engine/values.ts';
import type { WarehouseFile } from '../warehouse-file.ts';

type Queried = Pick<WarehouseFile, 'query'>;

/** What a source's newest run listed. */
export interface ScopeState {
  readonly source: string;
  readonly scope: string;
  /** Scopes it was ever listed with: above 1 its settings have changed, and coverage began anew. */
  readonly scopeCount: number;
  /** Oldest row the API was seen to serve; null: no run could tell. */
  readonly oldestServedAt: UnixSeconds | null;
  /** When that was seen, ISO 8601, UTC; null as above. */
  readonly observedAt: string | null;
}

export async function listScopes(warehouse: Queried): Promise<readonly ScopeState[]> {
  const found = await rows(warehouse, 'state/list_scopes', {});
  return found.map(([source, scope, scopeCount, oldestServedAt, observedAt]) => ({
    source: String(source),
    scope: String(scope),
    scopeCount: Number(scopeCount),
    oldestServedAt:
      typeof oldestServedAt === 'string' ? unixSeconds(Date.parse(oldestServedAt) / 1000) : null,
    observedAt: typeof observedAt === 'string' ? observedAt : null,
  }));
}

/** When the last run of each source landed, ISO 8601, UTC; a source that never did is left out. */
export async function listLanded(warehouse: Queried): Promise<ReadonlyMap<string, string>> {
  const found = await rows(warehouse, 'state/list_landed', {});
  return new Map(found.map(([source, landedAt]) => [String(source), String(landedAt)]));
}

/** @param source null: of all sources. */
export async function countUnreadItems(warehouse: Queried, source: string | null): Promise<number> {
  const [row] = await rows(warehouse, 'state/count_unread_items', { source });
  return Number(row?.[0] ?? 0);
}

export interface HeldCompletion {
  readonly source: string;
  /** As the API sent it; less of it in a warehouse that is kept without content. */
  readonly raw: string;
  /** When it was read, ISO 8601, UTC. */
  readonly observedAt: string;
}

/** @param source null: of any source. @returns null: it is not held. */
export async function heldCompletion(
  warehouse: Queried,
  id: string,
  source: string | null,
): Promise<HeldCompletion | null> {
  const [row] = await rows(warehouse, 'state/held_completion', { id, source });
  if (row === undefined) return null;
  return { source: String(row[0]), raw: String(row[1]), observedAt: String(row[2]) };
}

/** JSON texts of the input messages that are held, in the order of the conversation. */
export async function heldMessages(
  warehouse: Queried,
  id: string,
  source: string,
): Promise<readonly string[]> {
  return (await rows(warehouse, 'state/held_messages', { id, source })).map(([raw]) => String(raw));
}

async function rows(
  warehouse: Queried,
  name: string,
  parameters: SqlParameters,
): Promise<readonly (readonly SqlValue[])[]> {
  const { rows } = await warehouse.query(statement(name), parameters);
  return rows;
}
