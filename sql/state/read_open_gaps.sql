select kind, from_second, to_second, rows_seen, rows_missing_estimate, detail
from sync.gaps
where source = $source
  and scope = $scope
  and resolved_at is null
order by from_second, to_second, kind;
