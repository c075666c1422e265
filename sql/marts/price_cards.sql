-- list_prices with a column a token type: a completion is priced by one look at one row.
create or replace view marts.price_cards as
select
  model,
  service_tier,
  valid_from,
  valid_to,
  min_input_tokens,
  max_input_tokens,
  max(usd_per_token) filter (where token_type = 'input') as input_usd,
  max(usd_per_token) filter (where token_type = 'input_cached') as input_cached_usd,
  max(usd_per_token) filter (where token_type = 'input_cache_write') as input_cache_write_usd,
  max(usd_per_token) filter (where token_type = 'input_audio') as input_audio_usd,
  max(usd_per_token) filter (where token_type = 'output') as output_usd,
  max(usd_per_token) filter (where token_type = 'output_audio') as output_audio_usd,
  coalesce(bool_or(is_assumed) filter (where token_type = 'input_cached'), false) as is_input_cached_assumed,
  coalesce(bool_or(is_assumed) filter (where token_type = 'input_cache_write'), false) as is_input_cache_write_assumed
from marts.list_prices
group by model, service_tier, valid_from, valid_to, min_input_tokens, max_input_tokens;

comment on view marts.price_cards is 'Prices in force side by side, one row per model, tier, period and size of input; list_prices, pivoted. US dollars per token.';
comment on column marts.price_cards.model is 'Model as the API names it; dim_models.model.';
comment on column marts.price_cards.service_tier is 'Tier the prices hold for: default, flex, priority, ultrafast.';
comment on column marts.price_cards.valid_from is 'First UTC day they hold for, DATE; 0001-01-01 when they always did.';
comment on column marts.price_cards.valid_to is 'First UTC day they do not hold for any more, DATE; 9999-12-31 when no end is known.';
comment on column marts.price_cards.min_input_tokens is 'They hold for calls of so many input tokens or more.';
comment on column marts.price_cards.max_input_tokens is 'They hold for calls of fewer input tokens than this.';
comment on column marts.price_cards.input_usd is 'US dollars per input token that is neither cached nor audio; NULL: no price.';
comment on column marts.price_cards.input_cached_usd is 'US dollars per input token read from the cache; NULL: no price.';
comment on column marts.price_cards.input_cache_write_usd is 'US dollars per input token written to the cache; NULL: no price.';
comment on column marts.price_cards.input_audio_usd is 'US dollars per audio token of the input; NULL: no price.';
comment on column marts.price_cards.output_usd is 'US dollars per output token that is not audio, reasoning included; NULL: no price.';
comment on column marts.price_cards.output_audio_usd is 'US dollars per audio token of the output; NULL: no price.';
comment on column marts.price_cards.is_input_cached_assumed is 'Whether no list names input_cached_usd: it is input_usd.';
comment on column marts.price_cards.is_input_cache_write_assumed is 'Whether no list names input_cache_write_usd: it is input_usd.';
