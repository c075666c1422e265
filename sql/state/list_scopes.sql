-- One row a source: what its newest run listed, and how far back the API was last seen to serve that. A run that got no answer
-- does not know which project would have answered, so it counts only when there is no other.
select newest.source, newest.scope, newest.scope_count, served.oldest_served_at, served.observed_at
from (
  select source, coalesce(arg_max(scope, started_at) filter (where pages > 0), arg_max(scope, started_at)) as scope, count(distinct scope) as scope_count
  from sync.runs
  group by source
) as newest
left join sync.sources as served on served.source = newest.source and served.scope = newest.scope
order by newest.source;
