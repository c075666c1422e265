-- Staged completions of both kinds.
create or replace temp view incoming_completions as
select
  source,
  item.id as id,
  created_at,
  item.model as model,
  item.service_tier as service_tier,
  item.request_id as request_id,
  item.input_user as input_user,
  item.metadata as metadata,
  len(item.choices)::bigint as choice_count,
  item.system_fingerprint as system_fingerprint,
  item.temperature as temperature,
  item.top_p as top_p,
  item.presence_penalty as presence_penalty,
  item.frequency_penalty as frequency_penalty,
  item.seed::decimal(38, 0) as seed,
  item.tool_choice as tool_choice,
  item.tools as tools,
  item.response_format as response_format,
  item.moderation as moderation,
  item.input_messages as input_messages,
  item.object as object,
  created,
  null::json as extra,
  raw,
  raw_hash,
  observed_at,
  first_synced_at,
  synced_run_id
from temp.staged_plain
union all by name
from temp.staged_completions;
