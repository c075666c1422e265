/**
 * DuckDB's own bulk load, to hold a sync against: `node bulk-load.ts ROWS.ndjson WAREHOUSE` puts each line, a completion as
 * the API lists it, into the tables that a sync fills with it. Prints `{seconds, rows}`, from the reading of the file to the
 * checkpoint; the warehouse is made before that.
 *
 * The lines are parsed once into a temporary table, which took less time than reading the file for each table.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { openWarehouse } from '../../src/warehouse/open.ts';

const [, , file = '', path = ''] = process.argv;
const structure = JSON.stringify({
  id: 'VARCHAR',
  created: 'BIGINT',
  model: 'VARCHAR',
  service_tier: 'VARCHAR',
  request_id: 'VARCHAR',
  input_user: 'VARCHAR',
  metadata: 'JSON',
  system_fingerprint: 'VARCHAR',
  temperature: 'DOUBLE',
  top_p: 'DOUBLE',
  presence_penalty: 'DOUBLE',
  frequency_penalty: 'DOUBLE',
  seed: 'HUGEINT',
  tool_choice: 'JSON',
  tools: 'JSON',
  response_format: 'JSON',
  object: 'VARCHAR',
  usage: 'JSON',
  choices: [
    {
      index: 'BIGINT',
      finish_reason: 'VARCHAR',
      message: { role: 'VARCHAR', content: 'VARCHAR', refusal: 'VARCHAR', tool_calls: ['JSON'] },
    },
  ],
});
const usageStructure = JSON.stringify({
  prompt_tokens: 'BIGINT',
  completion_tokens: 'BIGINT',
  total_tokens: 'BIGINT',
  prompt_tokens_details: { cached_tokens: 'BIGINT', audio_tokens: 'BIGINT' },
  completion_tokens_details: {
    reasoning_tokens: 'BIGINT',
    audio_tokens: 'BIGINT',
    accepted_prediction_tokens: 'BIGINT',
    rejected_prediction_tokens: 'BIGINT',
  },
});

const LOAD = [
  'begin',
  `create temp table listed as
   select json::varchar as raw, 'bulk' as source, from_json(json, '${structure}') as item
   from read_ndjson_objects('${file}')`,
  `insert into main.completions by name
   select
     source, item.id, make_timestamptz(item.created * 1_000_000) as created_at, item.model, item.service_tier, item.request_id,
     item.input_user, item.metadata, len(item.choices) as choice_count, item.system_fingerprint, item.temperature, item.top_p,
     item.presence_penalty, item.frequency_penalty, item.seed::decimal(38, 0) as seed, item.tool_choice, item.tools,
     item.response_format, item.object, item.created, raw, left(sha256(raw), 16) as raw_hash, now() as observed_at,
     now() as first_synced_at, 'bulk' as synced_run_id
   from listed`,
  `insert into main.completion_usage by name
   select
     source, item.id as completion_id, make_timestamptz(item.created * 1_000_000) as created_at, item.model, item.service_tier,
     u.prompt_tokens, u.completion_tokens, u.total_tokens, u.prompt_tokens_details.cached_tokens as prompt_cached_tokens,
     u.prompt_tokens_details.audio_tokens as prompt_audio_tokens,
     u.completion_tokens_details.reasoning_tokens as completion_reasoning_tokens,
     u.completion_tokens_details.audio_tokens as completion_audio_tokens,
     u.completion_tokens_details.accepted_prediction_tokens as completion_accepted_prediction_tokens,
     u.completion_tokens_details.rejected_prediction_tokens as completion_rejected_prediction_tokens,
     item.usage
   from (select source, item, from_json(item.usage, '${usageStructure}') as u from listed)`,
  `insert into main.completion_choices by name
   select
     source, item.id as completion_id, make_timestamptz(item.created * 1_000_000) as created_at, choice.index as choice_index,
     choice.finish_reason, choice.message.role, choice.message.content, choice.message.refusal,
     coalesce(len(choice.message.tool_calls), 0) as tool_call_count
   from (select source, item, unnest(item.choices) as choice from listed)`,
  `insert into main.completion_metadata by name
   select source, id as completion_id, created_at, label.key, label.value
   from (
     select
       source, item.id, make_timestamptz(item.created * 1_000_000) as created_at,
       unnest(map_entries(from_json(item.metadata, '"MAP(VARCHAR, VARCHAR)"'))) as label
     from listed
   )`,
  'commit',
  'checkpoint',
];

await (await openWarehouse({ path, content: 'full', waitSeconds: 0 })).close();
const instance = await DuckDBInstance.create(path, { threads: '2' });
const connection = await instance.connect();
const started = performance.now();
for (const sql of LOAD) {
  await connection.run(sql);
  if (process.env['BULK_STEPS'] !== undefined) console.error(performance.now() - started, sql.slice(0, 40));
}
const seconds = (performance.now() - started) / 1000;
const [[rows] = []] = (await connection.runAndReadAll('select count(*) from main.completions')).getRows();
connection.closeSync();
instance.closeSync();
console.log(JSON.stringify({ seconds, rows: Number(rows) }));
