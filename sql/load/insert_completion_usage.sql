-- Rows of new and changed completions, in the order they came.
insert into main.completion_usage by name
select incoming.*
from temp.incoming_usage as incoming
left join temp.planned as planned
  on planned.source = incoming.source
  and planned.id = incoming.completion_id
  and planned.created_at = incoming.created_at
where planned.action is null
  or planned.action = 'update';
