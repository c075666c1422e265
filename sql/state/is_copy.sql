-- Whether the file that is open is a published copy.
select count(*) as found
from duckdb_tables()
where database_name = 'dest' and schema_name = 'sync' and table_name = 'publication';
