-- Usage summed up by tag, of completions one by one: each counts once for each of its keys.
select
  tag.key as key,
  tag.value as value,
  sum(completions)::bigint as completions,
  sum(total_tokens)::bigint as total_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
from (select * exclude (tags), unnest(map_entries(tags)) as tag from chosen) as tagged
where tag.value is not null
group by tag.key, tag.value
