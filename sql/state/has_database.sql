select count(*) as found
from duckdb_databases()
where database_name = $name;
