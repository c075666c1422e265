-- Which tools the models called, by UTC day.
create or replace view marts.tool_usage_daily as
select
  tokens.created_date,
  tokens.source,
  tokens.model,
  coalesce(nullif(call.name, ''), '(unnamed)') as tool_name,
  coalesce(nullif(call.type, ''), '(unknown)') as tool_type,
  count(*) as calls,
  count(distinct tokens.completion_id) as completions
from marts.billable_tokens as tokens
join (
  select *, date '1970-01-01' + (epoch_us(created_at) // 86_400_000_000)::integer as created_date from main.completion_tool_calls
) as call
  on call.source = tokens.source
  and call.completion_id = tokens.completion_id
  and call.created_at = tokens.created_at
  and call.created_date = tokens.created_date
group by tokens.created_date, tokens.source, tokens.model, coalesce(nullif(call.name, ''), '(unnamed)'), coalesce(nullif(call.type, ''), '(unknown)');

comment on view marts.tool_usage_daily is 'Tool calls, one row per UTC day, source, model and tool.';
comment on column marts.tool_usage_daily.created_date is 'UTC day of the calls, DATE.';
comment on column marts.tool_usage_daily.source is 'Name of the source; from the settings.';
comment on column marts.tool_usage_daily.model is 'Model that answered, dated; (unknown) when the API named none.';
comment on column marts.tool_usage_daily.tool_name is 'Name of the tool. OpenTelemetry: gen_ai.tool.name.';
comment on column marts.tool_usage_daily.tool_type is 'function or custom. OpenTelemetry: gen_ai.tool.type.';
comment on column marts.tool_usage_daily.calls is 'Calls of the tool, a count.';
comment on column marts.tool_usage_daily.completions is 'Completions that call it, a count; do not add up over tools, one may call several.';
