-- The newest commit.
select change_number, change_id
from sync.changes
order by change_number desc
limit 1;
