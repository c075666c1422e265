-- One row a source: when its last run landed, of whatever kind and scope.
select source, max(finished_at) as landed_at
from sync.runs
where status = 'landed'
group by source
order by source;
