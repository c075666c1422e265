-- One row a source: what its newest run listed, and how far back the API was last seen to serve that.
select newest.source, newest.scope, newest.scope_count, served.oldest_served_at, served.observed_at
from (
  select source, arg_max(scope, started_at) as scope, count(distinct scope) as scope_count
  from sync.runs
  group by source
) as newest
left join sync.sources as served on served.source = newest.source and served.scope = newest.scope
order by newest.source;
