/** Many completions, made in the engine: a warehouse that has been filled for a month, in a minute. */

export interface MadeRows {
  readonly rows: number;
  /** The newest row's time, ISO 8601. */
  readonly now: string;
  /** The rows are spread over them, but for an hour. */
  readonly days: number;
  /** SQL of a row's source, by its number `i`. */
  readonly source: string;
}

/**
 * Statements for a warehouse: rows of eight models in three tiers, with four metadata keys of few and of many values, and the
 * days they change. Numbers follow from the row's own, so that two makings are alike. No runs, no coverage.
 */
export const makingRows = ({ rows, now, days, source }: MadeRows): readonly string[] => [
  `create temp table made as
   select
     i,
     'chatcmpl-' || lpad(i::varchar, 27, '0') as id,
     ${source} as source,
     timestamptz '${now}' - to_seconds((i * ${days * 86_400 - 3_600}) // ${rows}) as created_at,
     ['gpt-4.1-mini-2025-04-14', 'gpt-4o-mini-2024-07-18', 'gpt-5-mini-2025-08-07', 'gpt-4o-2024-08-06',
      'gpt-4.1-2025-04-14', 'gpt-5-2025-08-07', 'o4-mini-2025-04-16', 'house-model-1'][1 + (hash(8 * i) % 8)::integer] as model,
     ['default', 'default', 'default', 'flex', 'priority', 'default', null, 'default'][1 + (hash(8 * i + 1) % 8)::integer] as service_tier,
     (50 + hash(8 * i + 2) % 4_000 * (hash(8 * i + 3) % 5) // 2)::bigint as input,
     (10 + hash(8 * i + 4) % 1_500)::bigint as output,
     ['stop', 'stop', 'stop', 'stop', 'stop', 'stop', 'tool_calls', 'length'][1 + (hash(8 * i + 5) % 8)::integer] as finish_reason,
     hash(8 * i + 6) % 100 as roll,
     case when hash(8 * i + 6) % 100 < 90 then ['production', 'staging'][1 + (hash(8 * i + 7) % 2)::integer] end as env,
     case when hash(8 * i + 6) % 100 < 85 then ['search', 'support', 'billing', 'growth', 'platform'][1 + (hash(8 * i + 7) % 5)::integer] end as team,
     case when hash(8 * i + 6) % 100 < 80 then 'f-' || (hash(8 * i + 7) % 8)::varchar end as feature,
     case when hash(8 * i + 6) % 100 < 55 then 'c-' || (hash(8 * i + 7) % 500)::varchar end as customer
   from range(${rows}) as numbers (i)`,
  `insert into main.completions (source, id, created_at, model, service_tier, metadata, choice_count, object, created, raw,
     raw_hash, observed_at, first_synced_at, synced_run_id)
   select source, id, created_at, model, service_tier,
     json_object('env', env, 'team', team, 'feature', feature, 'customer', customer), 1, 'chat.completion',
     epoch(created_at)::bigint, '{}', '', timestamptz '${now}', timestamptz '${now}', 'bench'
   from made`,
  `insert into main.completion_usage (source, completion_id, created_at, model, service_tier, prompt_tokens, completion_tokens,
     total_tokens, prompt_cached_tokens, completion_reasoning_tokens)
   select source, id, created_at, model, service_tier, input, output, input + output,
     case when roll < 60 then input * (roll % 7) // 10 end,
     case when model in ('gpt-5-mini-2025-08-07', 'gpt-5-2025-08-07', 'o4-mini-2025-04-16') then output * (roll % 9) // 10 else 0 end
   from made`,
  `insert into main.completion_choices (source, completion_id, created_at, choice_index, finish_reason, role, tool_call_count)
   select source, id, created_at, 0, finish_reason, 'assistant', case when finish_reason = 'tool_calls' then 1 else 0 end
   from made`,
  `insert into main.completion_tool_calls (source, completion_id, created_at, choice_index, tool_call_index, tool_call_id, type, name)
   select source, id, created_at, 0, 0, 'call', 'function', 'tool_' || (roll % 12)::varchar
   from made where finish_reason = 'tool_calls'`,
  `insert into main.completion_metadata (source, completion_id, created_at, key, value)
   select source, id, created_at, unnest(['env', 'team', 'feature', 'customer']), unnest([env, team, feature, customer]) from made`,
  `insert into sync.changes (change_number, change_id, created_date)
   select
     (select coalesce(max(change_number), 0) from sync.changes) + row_number() over (order by day), uuid()::varchar, day
   from (select distinct (created_at at time zone 'UTC')::date as day from made)`,
  'drop table made',
];
