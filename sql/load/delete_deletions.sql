-- What is listed is not deleted: a row that was missing for a while is back.
delete from main.completion_deletions as gone
using temp.incoming_completions as incoming
where gone.source = incoming.source
  and gone.completion_id = incoming.id
  and gone.created_at = incoming.created_at;
