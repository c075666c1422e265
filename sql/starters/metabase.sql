-- Questions for Metabase on the published copy (DuckDB driver, read-only): save each as a native query under its title, and show it as
-- its display says. What stands in [[ ]] is a filter that Metabase leaves out until it has a value; other clients need it taken out.

-- Question: List cost by day and model
-- Display: stacked bar, created_date by model
select created_date, model, sum(list_cost_usd) as list_cost_usd
from marts.usage_daily
where list_cost_usd is not null [[and created_date >= cast({{since}} as date)]]
group by created_date, model
order by created_date, model;

-- Question: Tokens and list cost by model
-- Display: table
select
  model,
  sum(completions) as completions,
  sum(total_tokens) as total_tokens,
  sum(list_cost_usd) as list_cost_usd,
  sum(priced_tokens) / nullif(sum(total_tokens), 0) as priced_token_share
from marts.usage_daily
where true [[and created_date >= cast({{since}} as date)]]
group by model
order by list_cost_usd desc nulls last;

-- Question: Who spent what, by a metadata key
-- Display: row
select value, sum(completions) as completions, sum(total_tokens) as total_tokens, sum(list_cost_usd) as list_cost_usd
from marts.usage_daily_by_tag
where key = coalesce([[{{key}},]] 'team') [[and created_date >= cast({{since}} as date)]]
group by value
order by list_cost_usd desc nulls last;

-- Question: The dearest calls
-- Display: table
select completion_id, created_at, model, service_tier, input_tokens, output_tokens, list_cost_usd, finish_reason
from marts.completions
where list_cost_usd is not null [[and created_date >= cast({{since}} as date)]] [[and model = {{model}}]]
order by list_cost_usd desc, completion_id
limit 50;

-- Question: Input read from the cache, by week and model
-- Display: line, week by model
select
  date_trunc('week', created_date) as week,
  model,
  sum(input_cached_tokens) / nullif(sum(input_tokens_of_known_cache), 0) as cache_hit_ratio
from marts.usage_daily
group by 1, 2
order by 1, 2;

-- Question: Answers cut off, filtered and refused, by day
-- Display: line
select
  created_date,
  sum(case when finish_reason = 'length' then choices else 0 end) / sum(choices) as truncation_rate,
  sum(case when finish_reason = 'content_filter' then choices else 0 end) / sum(choices) as content_filter_rate,
  sum(refused_choices) / sum(choices) as refusal_rate
from marts.finish_reasons_daily
where choices > 0 [[and model = {{model}}]]
group by created_date
order by created_date;

-- Question: How far the metadata keys reach
-- Display: table
select key, distinct_values, completion_share, token_share, cost_share, last_date
from marts.metadata_coverage
order by token_share desc nulls last;

-- Question: How fresh and complete the sources are
-- Display: table
select source, last_landed_at, completions, newest_created_at, covered_share, open_gaps, rows_missing_estimate
from marts.sync_health
order by source;
