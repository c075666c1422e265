-- Usage by day, source, model, tier and tag.
select *
from marts.tagged_usage_daily
where created_date >= $from::date and created_date < $to::date
  and ($source::varchar is null or source = $source::varchar)
