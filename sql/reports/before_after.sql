-- How answers ended before and after a moment, by model or by whatever --by names: each finish reason's share of the answers on
-- either side, and the change in percentage points. `length` is an answer cut off; (refused) counts answers with a refusal, whatever
-- they ended by. The moment is --compare; without it the two halves of the period's whole days are compared. A change that so few
-- answers show by chance one time in twenty is marked.
with sided as (
  select
    grp,
    choice_finish_reason as outcome,
    choices,
    refused_choices,
    epoch(created_at)::bigint >= $compare::bigint as is_after
  from answers_by
  where epoch(created_at)::bigint >= $compare_from::bigint and epoch(created_at)::bigint < $compare_to::bigint
),
counted as (
  select
    grp,
    outcome,
    coalesce(sum(choices) filter (where is_after), 0)::bigint as choices,
    coalesce(sum(choices) filter (where not is_after), 0)::bigint as choices_before
  from sided
  group by grp, outcome
  union all
  select
    grp,
    '(refused)' as outcome,
    coalesce(sum(refused_choices) filter (where is_after), 0)::bigint as choices,
    coalesce(sum(refused_choices) filter (where not is_after), 0)::bigint as choices_before
  from sided
  group by grp
  having sum(refused_choices) > 0
),
whole as (
  select grp, count(*) filter (where is_after) as answers, count(*) filter (where not is_after) as answers_before
  from sided
  group by grp
),
shared as (
  select
    counted.*,
    answers,
    answers_before,
    choices / nullif(answers, 0) as choice_share,
    choices_before / nullif(answers_before, 0) as choice_share_before,
    (choices + choices_before) / (answers + answers_before) as share_of_both
  from counted join whole on whole.grp = counted.grp
)
select
  grp,
  outcome,
  choices_before,
  choice_share_before,
  choices,
  choice_share,
  choice_share - choice_share_before as choice_share_change,
  -- Two shares of one population differ by more than 1.96 standard errors one time in twenty.
  case
    when abs(choice_share - choice_share_before)
      <= 1.96 * sqrt(greatest(share_of_both * (1 - share_of_both), 0) * (1 / nullif(answers, 0) + 1 / nullif(answers_before, 0)))
      and choice_share <> choice_share_before
    then 'may be chance'
  end as warning,
  strftime(make_timestamp($compare_from::bigint * 1_000_000), '%Y-%m-%dT%H:%M:%SZ') as earlier_since,
  strftime(make_timestamp($compare::bigint * 1_000_000), '%Y-%m-%dT%H:%M:%SZ') as earlier_until,
  strftime(make_timestamp($compare::bigint * 1_000_000), '%Y-%m-%dT%H:%M:%SZ') as later_since,
  strftime(make_timestamp($compare_to::bigint * 1_000_000), '%Y-%m-%dT%H:%M:%SZ') as later_until
from shared
order by
  answers + answers_before desc,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc,
  outcome = '(refused)',
  choices + choices_before desc,
  outcome
