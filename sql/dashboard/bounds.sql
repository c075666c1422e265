-- Where the data begins and ends: from the records of the sync, and not from the clock of whoever asks.
select
  as_of,
  settled_until,
  data_from,
  open_from,
  complete_from,
  open_month_from,
  date '1970-01-01' + (epoch_us(as_of) // 86_400_000_000)::integer as as_of_date,
  (select min(created_date) from marts.usage_hourly) as first_date,
  (select max(created_date) from marts.usage_hourly) as last_date
from marts.as_of;
