-- Tokens by day, source, model, tier and kind of token, with and without a price.
select *
from marts.usage_costs_daily
where created_date >= $from::date and created_date < $to::date
  and ($source::varchar is null or source = $source::varchar)
