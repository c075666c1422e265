-- Tokens and cost a call by group: percentiles are of the calls themselves, never of sums. The three of a column at once: three
-- times as fast as one by one over ten million calls. What a call costs is known where all of its tokens have a price.
select
  min(created_date) as created_date,
  min(hour_from) as hour_from,
  group_1,
  group_2,
  count(*) as completions,
  quantile_cont(input_tokens, [0.5, 0.95, 0.99]) as input_tokens,
  max(input_tokens) as input_tokens_max,
  quantile_cont(output_tokens, [0.5, 0.95, 0.99]) as output_tokens,
  max(output_tokens) as output_tokens_max,
  count(*) filter (where priced_tokens = total_tokens) as priced_completions,
  quantile_cont(list_cost_usd::double, [0.5, 0.95, 0.99]) filter (where priced_tokens = total_tokens) as list_cost_usd,
  max(list_cost_usd) filter (where priced_tokens = total_tokens) as list_cost_usd_max
from chosen
group by group_1, group_2
