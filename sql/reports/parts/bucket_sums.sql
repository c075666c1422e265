-- Billable tokens summed up by day, group, model, tier and size of input: the sizes are those that any price begins at, so that the
-- calls of one size have one price, whatever the model.
with sizes as (
  select min_input_tokens, coalesce(lead(min_input_tokens) over (order by min_input_tokens), 9_223_372_036_854_775_807) as max_input_tokens
  from (select 0::bigint as min_input_tokens union select min_input_tokens from main.model_prices) as steps
)
select
  created_date,
  hour_from,
  group_1,
  group_2,
  model,
  service_tier,
  sizes.min_input_tokens as input_size,
  sum(completions)::bigint as completions,
  coalesce(sum(total_tokens), 0)::bigint as total_tokens,
  coalesce(sum(billable_input_tokens), 0)::double as input_tokens,
  coalesce(sum(billable_input_cached_tokens), 0)::double as input_cached_tokens,
  coalesce(sum(billable_input_cache_write_tokens), 0)::double as input_cache_write_tokens,
  coalesce(sum(billable_input_audio_tokens), 0)::double as input_audio_tokens,
  coalesce(sum(billable_output_tokens), 0)::double as output_tokens,
  coalesce(sum(billable_output_audio_tokens), 0)::double as output_audio_tokens
from chosen
join sizes on chosen.input_tokens >= sizes.min_input_tokens and chosen.input_tokens < sizes.max_input_tokens
group by created_date, hour_from, group_1, group_2, model, service_tier, sizes.min_input_tokens
