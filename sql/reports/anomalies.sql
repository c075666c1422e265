-- Days out of line with the same weekdays before them, one line an event, told by the measure that is farthest from what is usual.
-- Where all models together are out of line it is one event, of the model (or whatever --by names) that makes most of it; `also`
-- names the others. The open day is left out; a day is judged from the fourth week on.
with judged as materialized (
  select *, value - baseline_median as difference
  from anomalies_told
  where created_date >= $since::date and created_date < $until::date
),
out_of_line as (
  select
    created_date,
    grp,
    -- Of two that are as far the cost tells most.
    arg_max(judged, (abs(robust_z), metric = 'list_cost_usd', metric = 'total_tokens')) as farthest,
    string_agg(
      case metric when 'total_tokens' then 'tokens' when 'list_cost_usd' then 'list cost' else metric end,
      ', '
      order by metric <> 'completions', metric <> 'total_tokens'
    ) as metrics
  from judged
  where is_anomaly
  group by created_date, grp
),
directed as (
  select *, sign(farthest.robust_z) as direction from out_of_line
),
causes as (
  select
    cause.*,
    whole.grp is not null as is_of_whole,
    row_number() over (
      partition by cause.created_date, cause.direction, case when whole.grp is null then cause.grp end
      order by part.difference * cause.direction desc nulls last, cause.grp.name, cause.grp.kind desc
    ) as place
  from directed as cause
  left join directed as whole
    on whole.created_date = cause.created_date and whole.direction = cause.direction and whole.grp.kind = 'all'
  left join judged as part
    on part.created_date = cause.created_date and part.grp = cause.grp and part.metric = whole.farthest.metric
  where cause.grp.kind <> 'all'
),
events as (
  select
    created_date,
    any_value(grp order by place) as grp,
    any_value(farthest order by place) as farthest,
    any_value(metrics order by place) as metrics,
    string_agg(grp.name, ', ' order by place) filter (where place > 1) as also
  from causes
  group by created_date, direction, case when not is_of_whole then grp end
  union all
  select created_date, grp, farthest, metrics, null
  from directed
  where grp.kind = 'all' and (created_date, direction) not in (select (created_date, direction) from causes)
)
select
  created_date,
  grp,
  farthest.metric as metric,
  farthest.value as value,
  farthest.baseline_median as baseline_median,
  farthest.difference as difference,
  farthest.robust_z as robust_z,
  metrics,
  also,
  farthest.baseline_days as baseline_days,
  count(*) over () as rows_in_all
from events
order by created_date desc, abs(robust_z) desc, grp.name, grp.kind desc
limit $top::integer
