-- By name: staging has the table's own columns.
insert into main.completion_messages by name
select *
from temp.staged_messages
order by created_at desc, completion_id, message_index;
