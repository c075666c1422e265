-- Where the data begins and ends, as dates and ISO times: what a period is worked out from.
select
  strftime(as_of, '%Y-%m-%dT%H:%M:%SZ') as as_of,
  strftime(settled_until, '%Y-%m-%dT%H:%M:%SZ') as settled_until,
  open_from,
  complete_from,
  date '1970-01-01' + (epoch_us(as_of) // 86_400_000_000)::integer as as_of_date
from marts.as_of
