-- Tiers that the asked-for model has a price in, and all names that prices stand under.
select
  (select list(distinct service_tier order by service_tier) from prices_told where model = $model::varchar and usd_per_mtok is not null) as tiers,
  (select list(distinct model order by model) from main.model_prices) as names,
  (select list(distinct service_tier order by service_tier) from main.model_prices) as all_tiers
