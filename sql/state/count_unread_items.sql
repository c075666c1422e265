-- Rejected items that no later run could read either: no completion of that id is held. $source null: of all sources.
select count(*) as item_count
from sync.rejected as refused
where ($source::varchar is null or refused.source = $source)
  and not exists (
    from main.completion_usage as held
    where held.source = refused.source
      and held.completion_id = refused.id
  );
