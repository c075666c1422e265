-- Whether a name is a metadata key of anything that is held: a row, or none.
select 1 from main.completion_metadata where key = $key::varchar limit 1
