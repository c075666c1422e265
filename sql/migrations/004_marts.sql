-- The views for analysts, the prices they cost tokens by, and which edition of either this file has.

create schema marts;

create table sync.editions (
  part varchar not null,
  edition varchar not null,
  program_version varchar not null,
  applied_at timestamptz not null
);
comment on table sync.editions is 'Which edition of a part that a newer program (or another setting) replaces as a whole the file has, one row a part.';
comment on column sync.editions.part is 'marts (the views of schema marts), list prices or contract prices (both in main.model_prices).';
comment on column sync.editions.edition is 'Hash of what was applied: of the files of sql/marts, or of the price rows.';
comment on column sync.editions.program_version is 'Version of Tokenhouse that applied it; an older one leaves it alone.';
comment on column sync.editions.applied_at is 'When it was applied, UTC; clock of the machine that did.';

create table main.model_prices (
  model varchar not null,
  service_tier varchar not null,
  token_type varchar not null,
  min_input_tokens bigint not null,
  valid_from date,
  valid_to date,
  usd_per_mtok decimal(18, 6),
  source varchar not null,
  source_version varchar not null,
  note varchar not null
);
comment on table main.model_prices is 'Prices per token that this program knows or PRICES_FILE gives, one row per model name, tier, token type, size of input and period; replaced as a whole when they change. Which one counts for a model: marts.list_prices.';
comment on column main.model_prices.model is 'Model name the price stands under: a dated name, an alias, or ft: and a base model.';
comment on column main.model_prices.service_tier is 'Tier it holds for: default, flex, priority.';
comment on column main.model_prices.token_type is 'What is priced: input, input_cached, input_cache_write, input_audio, output (reasoning included), output_audio.';
comment on column main.model_prices.min_input_tokens is 'Holds for calls of so many input tokens or more; 0 for all, more for long contexts.';
comment on column main.model_prices.valid_from is 'First UTC day it holds for, DATE; NULL: as far back as there are calls.';
comment on column main.model_prices.valid_to is 'First UTC day it does not hold for any more, DATE; NULL: no end is known.';
comment on column main.model_prices.usd_per_mtok is 'US dollars per million tokens, DECIMAL; NULL: known to have no price.';
comment on column main.model_prices.source is 'contract (PRICES_FILE), overlay (sql/prices of this program) or genai-prices (the npm package); in this order they win.';
comment on column main.model_prices.source_version is 'Version of that source: of the package, of this program, or the first digits of the hash of PRICES_FILE.';
comment on column main.model_prices.note is 'Where the figure is from, or how it was worked out.';
