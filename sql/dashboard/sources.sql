-- The sources there are to choose from.
select source from sync.runs
union
select source from marts.usage_hourly
order by source;
