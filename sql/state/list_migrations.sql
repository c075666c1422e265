-- The changes of the schema that the file has.
select number, name from sync.migrations order by number;
