-- Whether the warehouse has had this commit: else the copy is of another one, or of a future that a backup has undone.
select count(*) as found
from sync.changes
where change_number = $number::bigint
  and change_id = $id;
