-- When prices were last imported, whether or not that changed any.
select applied_at
from sync.editions
where part = 'imported prices';
