-- Tables and views of the file, one row a column: names, kind, type and what their comments say.
select
  held.schema_name,
  held.name,
  held.kind,
  held.comment,
  found.column_name,
  found.data_type,
  found.comment as column_comment
from (
  select schema_name, table_name as name, 'table' as kind, comment from duckdb_tables() where database_name = 'dest' and not internal
  union all
  select schema_name, view_name as name, 'view' as kind, comment from duckdb_views() where database_name = 'dest' and not internal
) as held
join duckdb_columns() as found
  on found.database_name = 'dest' and found.schema_name = held.schema_name and found.table_name = held.name
where held.schema_name in ('main', 'marts', 'sync')
order by held.schema_name, held.name, found.column_index;
