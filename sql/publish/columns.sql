-- Tables and views of databases that are attached, column by column, with their comments. $databases: names, a space between two.
select
  columns.database_name,
  columns.schema_name,
  columns.table_name,
  columns.column_name,
  columns.data_type,
  columns.comment,
  coalesce(tables.comment, views.comment) as table_comment
from duckdb_columns() as columns
left join duckdb_tables() as tables
  on tables.database_name = columns.database_name and tables.table_oid = columns.table_oid
left join duckdb_views() as views
  on views.database_name = columns.database_name and views.view_oid = columns.table_oid
where columns.database_name in (select unnest(string_split($databases, ' ')))
  and not columns.internal
order by columns.database_name, columns.schema_name, columns.table_name, columns.column_index;
