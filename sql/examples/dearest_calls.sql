-- The dearest calls; the id is what tokenhouse get shows the whole of.
select completion_id, created_at, model, input_tokens, output_tokens, list_cost_usd
from marts.completions
where list_cost_usd is not null
order by list_cost_usd desc, completion_id
limit 10
