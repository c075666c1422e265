-- Tokens and list cost a call by model or by whatever --by names: median, 95th and 99th percentile of input, output and cost,
-- interpolated between the calls themselves. Cost is of the calls whose tokens all have a price; priced_completion_share says how
-- many those are.
select
  grp,
  completions,
  input_tokens[1] as input_tokens_p50,
  input_tokens[2] as input_tokens_p95,
  input_tokens[3] as input_tokens_p99,
  input_tokens_max,
  output_tokens[1] as output_tokens_p50,
  output_tokens[2] as output_tokens_p95,
  output_tokens[3] as output_tokens_p99,
  output_tokens_max,
  list_cost_usd[1] as list_cost_p50_usd,
  list_cost_usd[2] as list_cost_p95_usd,
  list_cost_usd[3] as list_cost_p99_usd,
  list_cost_usd_max as list_cost_max_usd,
  priced_completions / completions as priced_completion_share
from sizes_by
order by
  case when $time_place::integer = 1 then grp.name end,
  case when $time_place::integer = 2 then sum(completions) over (partition by grp.rest) else completions end desc,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
