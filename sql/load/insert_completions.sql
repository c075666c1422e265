-- New and changed completions; a changed one keeps the time it first came. In the order they came, which is that of time.
insert into main.completions by name
select incoming.* replace (coalesce(planned.first_synced_at, incoming.first_synced_at) as first_synced_at)
from temp.incoming_completions as incoming
left join temp.planned as planned
  on planned.source = incoming.source
  and planned.id = incoming.id
  and planned.created_at = incoming.created_at
where planned.action is null
  or planned.action = 'update';
