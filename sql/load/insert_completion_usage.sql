-- Rows of new and changed completions. By name: staging has the table's own columns.
insert into main.completion_usage by name
select staged.*
from temp.staged_usage as staged
join temp.planned as planned
  on planned.source = staged.source
  and planned.id = staged.completion_id
  and planned.created_at = staged.created_at
where planned.action in ('insert', 'update')
order by staged.created_at desc, staged.completion_id;
