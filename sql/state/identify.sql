-- Whose file this is: how many tables, views and schemas it has, and whether it has the mark of Tokenhouse,
-- or of a published copy.
select
  (
    (select count(*) from duckdb_tables() where database_name = current_database() and not internal)
    + (select count(*) from duckdb_views() where database_name = current_database() and not internal)
    + (select count(*) from duckdb_schemas() where database_name = current_database() and not internal and schema_name <> 'main')
  ) as object_count,
  (
    select count(*)
    from duckdb_tables()
    where database_name = current_database()
      and schema_name = 'sync'
      and table_name = 'migrations'
      and comment like 'Tokenhouse:%'
  ) as mark_count,
  (
    select count(*)
    from duckdb_tables()
    where database_name = current_database()
      and schema_name = 'sync'
      and table_name = 'publication'
  ) as copy_count;
