-- New and changed completions; a changed one keeps the time it first came. By name: staging has the table's own columns.
insert into main.completions by name
select staged.* replace (coalesce(planned.first_synced_at, staged.first_synced_at) as first_synced_at)
from temp.staged_completions as staged
join temp.planned as planned
  on planned.source = staged.source
  and planned.id = staged.id
  and planned.created_at = staged.created_at
where planned.action in ('insert', 'update')
order by staged.created_at desc, staged.id;
