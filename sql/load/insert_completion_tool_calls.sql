-- Rows of new and changed completions. By name: staging has the table's own columns.
insert into main.completion_tool_calls by name
select staged.*
from temp.staged_tool_calls as staged
join temp.planned as planned
  on planned.source = staged.source
  and planned.id = staged.completion_id
  and planned.created_at = staged.created_at
where planned.action in ('insert', 'update')
order by staged.created_at desc, staged.completion_id, staged.choice_index, staged.tool_call_index;
