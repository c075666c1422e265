-- How much of the input was read from the cache, by model, of the calls that tell.
select
  model,
  sum(input_cached_tokens) as cached_tokens,
  sum(input_cached_tokens) / sum(input_tokens_of_known_cache) as cache_hit_ratio
from marts.usage_daily
group by model
having sum(input_tokens_of_known_cache) > 0
order by cache_hit_ratio desc
