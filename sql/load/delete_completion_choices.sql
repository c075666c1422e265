-- Takes out the rows of changed completions; the new version is inserted after.
delete from main.completion_choices as held
using temp.planned as planned
where planned.action = 'update'
  and held.source = planned.source
  and held.completion_id = planned.id
  and held.created_at = planned.created_at
  and held.created_at between make_timestamptz($from_second::bigint * 1_000_000)
    and make_timestamptz($to_second::bigint * 1_000_000);
