-- What is listed is not deleted: a row that was missing for a while is back.
delete from main.completion_deletions as gone
using temp.staged_completions as staged
where gone.source = staged.source
  and gone.completion_id = staged.id
  and gone.created_at = staged.created_at;
