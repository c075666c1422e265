-- Versions of a model by dated name and system_fingerprint: when each was first and last seen, its share of the answers of its base
-- model, and how often its answers were cut off, filtered or refused. One that is new in the period (a day after the base model was
-- first seen, or later) stands beside what that did before its first answer. The period's days are looked through, and as many before
-- them.
with answered as (
  select
    grp,
    base_model,
    model,
    coalesce(system_fingerprint, '(none)') as system_fingerprint,
    epoch(created_at)::bigint as second,
    sum(choices)::bigint as choices,
    coalesce(sum(choices) filter (where created_date >= $since::date), 0)::bigint as choices_in,
    coalesce(sum(choices) filter (where choice_finish_reason = 'length'), 0)::bigint as truncated,
    coalesce(sum(choices) filter (where choice_finish_reason = 'content_filter'), 0)::bigint as filtered,
    sum(refused_choices)::bigint as refused
  from answers_by
  group by all
),
running as (
  select
    *,
    sum(choices) over before_it as choices_before,
    sum(truncated) over before_it as truncated_before,
    sum(filtered) over before_it as filtered_before,
    sum(refused) over before_it as refused_before
  from answered
  window before_it as (partition by grp, base_model order by second range between unbounded preceding and 1 preceding)
),
versions as (
  select
    grp,
    base_model,
    model,
    system_fingerprint,
    min(second) as first_second,
    max(second) as last_second,
    sum(choices_in)::bigint as choices,
    sum(truncated) filter (where choices_in > 0) as truncated,
    sum(filtered) filter (where choices_in > 0) as filtered,
    sum(refused) filter (where choices_in > 0) as refused,
    arg_min(choices_before, second) as choices_before,
    arg_min(truncated_before, second) as truncated_before,
    arg_min(filtered_before, second) as filtered_before,
    arg_min(refused_before, second) as refused_before
  from running
  group by grp, base_model, model, system_fingerprint
  having sum(choices_in) > 0
),
shown as (
  select
    *,
    -- What came on the first day of a model was not new to it.
    first_second >= ($since::date - date '1970-01-01') * 86_400
      and first_second >= min(first_second) over (partition by grp, base_model) + 86_400 as is_new,
    sum(choices) over (partition by grp, base_model) as base_choices
  from versions
)
select
  grp,
  model,
  system_fingerprint,
  strftime(make_timestamp(first_second * 1_000_000), '%Y-%m-%dT%H:%M:%SZ') as first_at,
  strftime(make_timestamp(last_second * 1_000_000), '%Y-%m-%dT%H:%M:%SZ') as last_at,
  choices,
  choices / base_choices as choice_share,
  case when is_new then truncated_before / choices_before end as truncation_rate_before,
  truncated / choices as truncation_rate,
  case when is_new then filtered_before / choices_before end as content_filter_rate_before,
  filtered / choices as content_filter_rate,
  case when is_new then refused_before / choices_before end as refusal_rate_before,
  refused / choices as refusal_rate,
  case when is_new then 'new' end as seen,
  count(*) over () as rows_in_all
from shown
order by
  max(base_choices) over (partition by grp) desc,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc,
  base_choices desc,
  base_model,
  first_second desc,
  choices desc,
  model,
  system_fingerprint
limit $top::integer
