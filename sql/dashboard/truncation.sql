-- How often each model's answers are cut off, filtered or refused; the models cut off most often first.
select
  model,
  sum(completions)::bigint as completions,
  sum(truncated_completions)::bigint as truncated_completions,
  sum(content_filtered_completions)::bigint as content_filtered_completions,
  sum(refused_completions)::bigint as refused_completions
from marts.usage_daily
where created_date >= $since::date and created_date < $until::date
  and ($source::varchar is null or source = $source)
group by model
order by sum(truncated_completions) / sum(completions) desc, sum(completions) desc, model
limit $top;
