-- Tokens by the metadata key `team`, rows without it included, so that the sum is the whole.
select
  coalesce(team.value, '(no team)') as team,
  count(*) as completions,
  sum(usage.total_tokens)::bigint as total_tokens,
  round(100.0 * sum(usage.total_tokens) / sum(sum(usage.total_tokens)) over (), 1) as percent
from main.completion_usage as usage
left join main.completion_metadata as team
  on team.source = usage.source
  and team.completion_id = usage.completion_id
  and team.created_at = usage.created_at
  and team.key = 'team'
group by 1
order by total_tokens desc nulls last, team
