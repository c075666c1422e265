-- Sources whose coverage is told of.
select source
from marts.sync_health
where $source::varchar is null or source = $source::varchar
