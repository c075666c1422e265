-- Held ranges that the merged ones contain.
delete from sync.coverage as held
using temp.merged_ranges as merged
where held.source = $source
  and held.scope = $scope
  and held.from_second >= merged.from_second
  and held.to_second <= merged.to_second;
