-- Metadata keys of a period, those that most of the tokens carry first; keys with a value for nearly every completion, such as
-- a request id, come after the others, as they make no groups.
select key, count(distinct value) as distinct_values
from marts.tagged_usage_daily
where created_date >= $since::date and created_date < $until::date
  and ($source::varchar is null or source = $source::varchar)
group by key
order by count(distinct value) > 1000, sum(total_tokens) desc nulls last, key
limit 50
