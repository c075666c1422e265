/**
 * Columns in which no two rows of a table agree. The file enforces none of them: DuckDB keeps an index in memory for each, and the
 * load sees to it that they hold. `sync.publication` is the one row of a copy. Pure.
 */

const COMPLETION = ['source', 'completion_id', 'created_at'];
/** The day first: it is what to filter by. */
const DAILY = ['created_date', 'source', 'model'];

/** By `schema.table`; none: one row, or rows that may be alike. */
export const TABLE_KEYS: Readonly<Record<string, readonly string[]>> = {
  'main.completions': ['source', 'id', 'created_at'],
  'main.completion_usage': COMPLETION,
  'main.completion_choices': [...COMPLETION, 'choice_index'],
  'main.completion_tool_calls': [...COMPLETION, 'choice_index', 'tool_call_index'],
  'main.completion_metadata': [...COMPLETION, 'key'],
  'main.completion_messages': [...COMPLETION, 'message_index'],
  'main.completion_deletions': COMPLETION,
  'sync.migrations': ['number'],
  'sync.runs': ['run_id'],
  'sync.checkpoints': ['source'],
  'sync.sources': ['source', 'scope'],
  'sync.editions': ['part'],
  'marts.dim_models': ['model'],
  'marts.list_prices': ['model', 'service_tier', 'token_type', 'min_input_tokens', 'valid_from'],
  'marts.price_cards': ['model', 'service_tier', 'valid_from', 'min_input_tokens'],
  'marts.billable_tokens': COMPLETION,
  'marts.completions': COMPLETION,
  'marts.usage_costs': [...COMPLETION, 'token_type'],
  'marts.usage_hourly': ['created_hour', 'source', 'model', 'service_tier'],
  'marts.usage_daily': [...DAILY, 'service_tier'],
  'marts.tagged_usage_daily': [...DAILY, 'service_tier', 'key', 'value'],
  'marts.usage_daily_by_tag': [...DAILY, 'service_tier', 'key', 'value', 'is_untagged'],
  'marts.model_efficiency': ['model'],
  'marts.finish_reasons_daily': [...DAILY, 'service_tier', 'finish_reason'],
  'marts.tool_usage_daily': [...DAILY, 'tool_name', 'tool_type'],
  'marts.usage_week_over_week': ['week_from'],
  'marts.month_to_date_forecast': ['source'],
  'marts.metadata_coverage': ['key'],
  'marts.unpriced_usage': ['model', 'service_tier', 'token_type', 'reason'],
  'marts.coverage_daily': ['created_date', 'source'],
  'marts.usage_anomalies_daily': ['created_date', 'model', 'metric'],
  'marts.sync_health': ['source'],
};
