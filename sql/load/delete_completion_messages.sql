-- Messages of the completions whose messages are staged: they are replaced as a whole.
delete from main.completion_messages as held
using (select distinct source, completion_id, created_at from temp.staged_messages) as staged
where held.source = staged.source
  and held.completion_id = staged.completion_id
  and held.created_at = staged.created_at
  and held.created_at between make_timestamptz($from_second::bigint * 1_000_000)
    and make_timestamptz($to_second::bigint * 1_000_000);
