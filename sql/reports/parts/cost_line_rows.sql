-- Tokens and cost of each completion by kind of token, with what is known of the completion: for what no rollup has together.
select
  completion.created_date,
  completion.created_at - to_seconds(epoch(completion.created_at)::bigint % 3_600) as created_hour,
  completion.source,
  completion.model,
  completion.base_model,
  completion.model_family,
  completion.service_tier,
  completion.finish_reason,
  completion.input_user,
  completion.tags,
  line.token_type,
  line.is_unpriced,
  line.min_input_tokens,
  line.usd_per_mtok,
  line.list_cost_usd,
  1 as completions,
  line.tokens
from marts.completions as completion
join marts.usage_costs as line
  on line.source = completion.source
  and line.completion_id = completion.completion_id
  and line.created_at = completion.created_at
  and line.created_date = completion.created_date
where completion.created_date >= $from::date and completion.created_date < $to::date
  and ($source::varchar is null or completion.source = $source::varchar)
