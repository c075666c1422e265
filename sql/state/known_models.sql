-- The most frequent of the source; of a warehouse of many rows, those of some $recent_rows newest ones.
with held as (
  select count(*) as row_count, epoch_us(min(created_at)) as first_us, least(epoch_us(max(created_at)), epoch_us(now())) as last_us
  from main.completions
)
select model
from main.completion_usage
where source = $source
  and model is not null
  and created_at >= (
    select make_timestamptz(last_us - ((last_us - first_us) * least(1, $recent_rows::bigint / greatest(row_count, 1)))::bigint) from held
  )
group by all
order by count(*) desc, model
limit $limit::bigint;
