-- The models that answered, and the names their prices may stand under: the name itself, a fine-tuned model's without its
-- owner, and that without its date. Nothing is guessed from how a name begins.
create or replace view marts.dim_models as
with seen as (
  select distinct model from main.completion_usage where model <> ''
),
named as (
  select
    model,
    starts_with(model, 'ft:') as is_fine_tuned,
    case when starts_with(model, 'ft:') then 'ft:' || split_part(model, ':', 2) else model end as pricing_model
  from seen
),
undated as (
  select *, regexp_replace(pricing_model, '-\d{4}-\d{2}-\d{2}$', '') as pricing_alias from named
),
based as (
  select *, regexp_replace(pricing_alias, '^ft:', '') as base_model from undated
)
select
  model,
  base_model,
  coalesce(nullif(regexp_extract(base_model, '^((chat)?gpt-\d+(\.\d+)?o?|o\d+)(-|$)', 1), ''), base_model) as model_family,
  is_fine_tuned,
  case when is_fine_tuned then nullif(split_part(model, ':', 3), '') end as organization,
  pricing_model,
  pricing_alias
from based;

comment on view marts.dim_models is 'Models that answered, one row each, and what their names say.';
comment on column marts.dim_models.model is 'Model as the API names it, dated; completion_usage.model. OpenTelemetry: gen_ai.response.model.';
comment on column marts.dim_models.base_model is 'The name without its date and, of a fine-tuned model, without ft: and its owner: gpt-4.1-mini.';
comment on column marts.dim_models.model_family is 'Generation of the model: gpt-4.1 of gpt-4.1-mini, o4 of o4-mini; base_model where the name does not tell.';
comment on column marts.dim_models.is_fine_tuned is 'Whether the name begins with ft:.';
comment on column marts.dim_models.organization is 'Organization a fine-tuned model belongs to, from its name; NULL for others.';
comment on column marts.dim_models.pricing_model is 'Second name its price is looked up under: a fine-tuned model''s without its owner (ft:gpt-4.1-mini-2025-04-14).';
comment on column marts.dim_models.pricing_alias is 'Last name its price is looked up under: pricing_model without its date.';
