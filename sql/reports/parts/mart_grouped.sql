-- Rows of a mart whose groups are marked with a = before them (group_key stands for their column), as reports carry them along.
select
  *,
  {
    'name': case when starts_with(group_key, '=') then substr(group_key, 2) when group_key = '' then $absent_1::varchar else group_key end,
    'kind': case when starts_with(group_key, '=') then 'value' when group_key = '' then 'absent' else 'all' end,
    'name_2': null::varchar,
    'kind_2': 'absent',
    'state': null::varchar
  } as grp
from told
