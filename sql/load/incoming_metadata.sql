-- Staged labels of both kinds.
create or replace temp view incoming_metadata as
select source, completion_id, created_at, label.key as key, label.value as value
from (
  select
    source,
    item.id as completion_id,
    created_at,
    unnest(map_entries(json_transform(item.metadata, '"MAP(VARCHAR, VARCHAR)"'))) as label
  from temp.staged_plain
)
union all by name
from temp.staged_metadata;
