-- Where a batch is typed and checked before its transaction: a row that the engine refuses is found here, and alone.
-- Temporary tables belong to the connection; they take their columns from the tables they fill.
-- Plain completions are staged as their text and the struct read from it, all others as rows of each table.
create or replace temp table staged_plain as
select source, created, created_at, observed_at, first_synced_at, synced_run_id, raw, raw_hash, plain_item(raw) as item
from main.completions limit 0;
create or replace temp table staged_completions as from main.completions limit 0;
create or replace temp table staged_usage as from main.completion_usage limit 0;
create or replace temp table staged_choices as from main.completion_choices limit 0;
create or replace temp table staged_tool_calls as from main.completion_tool_calls limit 0;
create or replace temp table staged_metadata as from main.completion_metadata limit 0;
create or replace temp table staged_messages as from main.completion_messages limit 0;
create or replace temp table staged_rejected as from sync.rejected limit 0;
create or replace temp table staged_ranges (from_second bigint, to_second bigint);
create or replace temp table staged_gaps as from sync.gaps limit 0;
create or replace temp table planned as
select source, id, created_at, observed_at, first_synced_at, '' as action from main.completions limit 0;
