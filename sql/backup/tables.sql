-- The tables of the database in use, with their schema.
select schema_name || '.' || table_name as name
from duckdb_tables()
where database_name = current_database() and not internal
order by name;
