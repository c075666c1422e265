-- Whether any completion is noted as deleted.
select exists (from main.completion_deletions) as has_deletions;
