import { expect, test } from 'vitest';
import { openTemporary, rows } from './support.ts';

test('every table and every column says what it is', async () => {
  const warehouse = await openTemporary();
  const tables = await rows(warehouse, 'select table_name, comment from duckdb_tables() where not temporary');
  const columns = await rows(
    warehouse,
    `select table_name || '.' || column_name as name, comment from duckdb_columns()
     where database_name = current_database() and not internal`,
  );
  expect(columns.length).toBeGreaterThan(100);
  const silent = [...tables, ...columns].filter(({ comment }) => String(comment ?? '').length < 20);
  expect(silent).toEqual([]);
});

test('the columns analysts are promised are there, with their types', async () => {
  const warehouse = await openTemporary();
  const usage = await rows(
    warehouse,
    "select column_name, data_type from duckdb_columns() where table_name = 'completion_usage' order by column_index",
  );
  expect(usage.map((column) => `${column['column_name']} ${column['data_type']}`)).toEqual([
    'source VARCHAR',
    'completion_id VARCHAR',
    'created_at TIMESTAMP WITH TIME ZONE',
    'model VARCHAR',
    'service_tier VARCHAR',
    'prompt_tokens BIGINT',
    'completion_tokens BIGINT',
    'total_tokens BIGINT',
    'prompt_cached_tokens BIGINT',
    'prompt_cache_write_tokens BIGINT',
    'prompt_audio_tokens BIGINT',
    'prompt_text_tokens BIGINT',
    'prompt_image_tokens BIGINT',
    'completion_reasoning_tokens BIGINT',
    'completion_audio_tokens BIGINT',
    'completion_text_tokens BIGINT',
    'completion_accepted_prediction_tokens BIGINT',
    'completion_rejected_prediction_tokens BIGINT',
    'compute_units DOUBLE',
    'usage JSON',
  ]);
});

test('nothing in the schema keeps it from running on a lake', async () => {
  const warehouse = await openTemporary();
  const constraints = await rows(
    warehouse,
    "select distinct constraint_type from duckdb_constraints() where database_name = 'dest'",
  );
  expect(constraints).toEqual([{ constraint_type: 'NOT NULL' }]);
  const defaults = await rows(
    warehouse,
    "select column_name from duckdb_columns() where database_name = 'dest' and column_default is not null",
  );
  expect(defaults).toEqual([]);
  expect(
    await rows(
      warehouse,
      'select * from duckdb_indexes() union all by name select * from duckdb_sequences()',
    ),
  ).toEqual([]);
});
