delete from sync.sources
where source = $source
  and scope = $scope;
