-- Tokens a call by model: median, 95th and 99th percentile of input and of output, interpolated between the calls themselves.
select
  model,
  count(*) as completions,
  quantile_cont(input_tokens, 0.5) as input_tokens_p50,
  quantile_cont(input_tokens, 0.95) as input_tokens_p95,
  quantile_cont(input_tokens, 0.99) as input_tokens_p99,
  max(input_tokens) as input_tokens_max,
  quantile_cont(output_tokens, 0.5) as output_tokens_p50,
  quantile_cont(output_tokens, 0.95) as output_tokens_p95,
  quantile_cont(output_tokens, 0.99) as output_tokens_p99,
  max(output_tokens) as output_tokens_max
from marts.completions
where created_date >= $since::date and created_date < $until::date
  and ($source::varchar is null or source = $source::varchar)
group by model
order by completions desc, model
