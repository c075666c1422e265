insert into sync.coverage (source, scope, from_second, to_second)
select $source, $scope, from_second, to_second
from temp.merged_ranges
order by from_second;
