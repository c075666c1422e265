-- The metadata keys there are to choose from, those that most of the usage carries first.
select key, sum(completions)::bigint as completions, approx_count_distinct(value) as distinct_values
from marts.tagged_usage_daily
group by key
order by completions desc, key
limit $limit;
