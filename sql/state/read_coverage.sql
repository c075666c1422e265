select from_second, to_second
from sync.coverage
where source = $source
  and scope = $scope
order by from_second;
