-- Who spent what, by a metadata key (team here), with what lacks it.
select coalesce(tags['team'], '(untagged)') as team, count(*) as completions, sum(list_cost_usd) as list_cost_usd
from marts.completions
group by all
order by list_cost_usd desc nulls last
