-- Sources whose coverage is told of.
select source
from marts.sync_health
