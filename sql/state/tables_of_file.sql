-- The tables of the file itself, by schema and name.
select schema_name, table_name
from duckdb_tables()
where database_name = 'dest' and not internal
order by schema_name, table_name;
