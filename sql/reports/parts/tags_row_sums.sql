-- Usage summed up by day, group and tag, of completions one by one: each counts once for each of its keys.
select
  created_date,
  hour_from,
  group_1,
  group_2,
  tag.key as key,
  tag.value as value,
  sum(completions)::bigint as completions,
  sum(total_tokens)::bigint as total_tokens,
  sum(list_cost_usd) filter (where priced_tokens > 0) as list_cost_usd
from (select * exclude (tags), unnest(map_entries(tags)) as tag from chosen) as tagged
where tag.value is not null
group by created_date, hour_from, group_1, group_2, tag.key, tag.value
