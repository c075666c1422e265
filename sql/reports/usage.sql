-- Tokens and list cost by UTC day and model, with the shares of the input read from the cache and of the output spent on
-- reasoning. The largest model of a day comes first.
select
  created_date,
  model,
  sum(completions)::bigint as completions,
  sum(input_tokens)::bigint as input_tokens,
  sum(input_cached_tokens)::bigint as input_cached_tokens,
  sum(output_tokens)::bigint as output_tokens,
  sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
  sum(total_tokens)::bigint as total_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd,
  sum(priced_tokens) / nullif(sum(total_tokens), 0) as priced_token_share,
  sum(input_cached_tokens) / nullif(sum(input_tokens_of_known_cache), 0) as cache_hit_ratio,
  sum(output_reasoning_tokens) / nullif(sum(output_tokens_of_known_reasoning), 0) as reasoning_share,
  case
    when created_date >= open_from then 'open'
    when created_date < complete_from then 'partial'
  end as state
from marts.usage_hourly cross join marts.as_of
where created_date >= $since::date and created_date < $until::date
  and ($source::varchar is null or source = $source::varchar)
group by created_date, model, open_from, complete_from
order by created_date, total_tokens desc nulls last, model
