-- As truncation, of completions that are chosen by what usage_hourly does not know.
select
  model,
  count(*) as completions,
  count(*) filter (is_truncated) as truncated_completions,
  count(*) filter (is_content_filtered) as content_filtered_completions,
  count(*) filter (is_refused) as refused_completions
from completions_by
group by model
order by count(*) filter (is_truncated) / count(*) desc, count(*) desc, model
limit $top;
