-- Usage of a period grouped by why the first answer of a completion ended: what the reports with --by finish_reason read.
select
  created_date,
  coalesce(finish_reason, '(none)') as group_name,
  false as is_untagged,
  null::varchar as state,
  count(*) as completions,
  sum(input_tokens)::bigint as input_tokens,
  sum(input_cached_tokens)::bigint as input_cached_tokens,
  sum(input_tokens) filter (where input_cached_tokens is not null)::bigint as input_tokens_of_known_cache,
  sum(output_tokens)::bigint as output_tokens,
  sum(output_reasoning_tokens)::bigint as output_reasoning_tokens,
  sum(output_tokens) filter (where output_reasoning_tokens is not null)::bigint as output_tokens_of_known_reasoning,
  sum(total_tokens)::bigint as total_tokens,
  sum(priced_tokens)::bigint as priced_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
from marts.completions
where created_date >= $since::date and created_date < $until::date
  and ($source::varchar is null or source = $source::varchar)
group by created_date, coalesce(finish_reason, '(none)')
