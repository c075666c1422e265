-- What the period would have cost with the same tokens on another model (--model), in another tier (--tier) or with another share of
-- its input read from the cache (--cached-share), at the list prices of each day and size of call. Tokens that have no price on
-- either side are left out of both costs; compared_token_share says how much is left. Another model would answer with more or fewer
-- tokens, which nobody knows.
with asked as (
  select
    *,
    coalesce($model::varchar, model) as other_model,
    coalesce($tier::varchar, service_tier) as other_tier,
    -- Audio and what is written to the cache stay what they are.
    least(
      $cached_share::double * (input_tokens + input_cached_tokens + input_cache_write_tokens + input_audio_tokens),
      input_tokens + input_cached_tokens
    ) as other_cached_tokens
  from buckets_by
),
priced as (
  select
    asked.grp,
    asked.completions,
    asked.total_tokens,
    asked.input_tokens * card.input_usd as input_cost,
    asked.input_cached_tokens * card.input_cached_usd as cached_cost,
    asked.input_tokens > 0 as has_input,
    asked.input_cached_tokens > 0 as has_cached,
    case
      when $cached_share::double is null then [
        {
          'tokens': asked.input_tokens,
          'cost': asked.input_tokens * card.input_usd,
          'other_cost': asked.input_tokens * other.input_usd
        },
        {
          'tokens': asked.input_cached_tokens,
          'cost': asked.input_cached_tokens * card.input_cached_usd,
          'other_cost': asked.input_cached_tokens * other.input_cached_usd
        }
      ]
      -- Tokens move between plain and cached input: the two are one.
      else [
        {
          'tokens': asked.input_tokens + asked.input_cached_tokens,
          'cost': case when asked.input_tokens = 0 then 0 else asked.input_tokens * card.input_usd end
            + case when asked.input_cached_tokens = 0 then 0 else asked.input_cached_tokens * card.input_cached_usd end,
          'other_cost': case
              when asked.other_cached_tokens = asked.input_tokens + asked.input_cached_tokens then 0
              else (asked.input_tokens + asked.input_cached_tokens - asked.other_cached_tokens) * other.input_usd
            end
            + case when asked.other_cached_tokens = 0 then 0 else asked.other_cached_tokens * other.input_cached_usd end
        }
      ]
    end as text_lines,
    [
      {
        'tokens': asked.input_cache_write_tokens,
        'cost': asked.input_cache_write_tokens * card.input_cache_write_usd,
        'other_cost': asked.input_cache_write_tokens * other.input_cache_write_usd
      },
      {
        'tokens': asked.input_audio_tokens,
        'cost': asked.input_audio_tokens * card.input_audio_usd,
        'other_cost': asked.input_audio_tokens * other.input_audio_usd
      },
      {
        'tokens': asked.output_tokens,
        'cost': asked.output_tokens * card.output_usd,
        'other_cost': asked.output_tokens * other.output_usd
      },
      {
        'tokens': asked.output_audio_tokens,
        'cost': asked.output_audio_tokens * card.output_audio_usd,
        'other_cost': asked.output_audio_tokens * other.output_audio_usd
      }
    ] as other_lines
  from asked
  left join cards_told as card
    on card.model = asked.model
    and card.service_tier = asked.service_tier
    and asked.created_date >= card.valid_from and asked.created_date < card.valid_to
    and asked.input_size >= card.min_input_tokens and asked.input_size < card.max_input_tokens
  left join cards_told as other
    on other.model = asked.other_model
    and other.service_tier = asked.other_tier
    and asked.created_date >= other.valid_from and asked.created_date < other.valid_to
    and asked.input_size >= other.min_input_tokens and asked.input_size < other.max_input_tokens
),
sums as (
  select
    grp,
    sum(completions) as completions,
    sum(total_tokens) as total_tokens,
    sum(coalesce(input_cost, 0) + coalesce(cached_cost, 0) + list_sum([coalesce(line.cost, 0) for line in other_lines])) as cost,
    bool_or(
      (has_input and input_cost is not null)
      or (has_cached and cached_cost is not null)
      or list_bool_or([line.tokens > 0 and line.cost is not null for line in other_lines])
    ) as is_priced,
    sum(list_sum([line.tokens for line in list_concat(text_lines, other_lines) if line.cost is not null and line.other_cost is not null])) as compared_tokens,
    sum(list_sum([line.cost for line in list_concat(text_lines, other_lines) if line.other_cost is not null])) as compared_cost,
    sum(list_sum([line.other_cost for line in list_concat(text_lines, other_lines) if line.cost is not null])) as other_cost
  from priced
  group by grp
),
ranked as (
  select
    *,
    row_number() over (
      order by cost desc nulls last, total_tokens desc nulls last, grp.name, grp.name_2, grp.kind desc, grp.kind_2 desc
    ) > $top::integer as is_rest
  from sums
),
folded as (
  select
    {
      'name': case when is_rest and grp.kind = 'value' then '(others)' else grp.name end,
      'kind': case when is_rest and grp.kind = 'value' then 'others' else grp.kind end,
      'name_2': case when is_rest and grp.kind_2 = 'value' then '(others)' else grp.name_2 end,
      'kind_2': case when is_rest and grp.kind_2 = 'value' then 'others' else grp.kind_2 end
    } as grp,
    sum(completions)::bigint as completions,
    sum(total_tokens)::bigint as total_tokens,
    case when bool_or(is_priced) then sum(cost) end as cost,
    sum(compared_tokens) as compared_tokens,
    case when sum(compared_tokens) > 0 then sum(compared_cost) end as compared_cost,
    case when sum(compared_tokens) > 0 then sum(other_cost) end as other_cost
  from ranked
  group by 1
)
select
  grp,
  completions,
  total_tokens,
  round(cost, 9) as list_cost_usd,
  coalesce(compared_tokens, 0) / nullif(total_tokens, 0) as compared_token_share,
  round(compared_cost, 9) as compared_cost_usd,
  round(other_cost, 9) as what_if_cost_usd,
  round(other_cost - compared_cost, 9) as cost_difference_usd,
  round((other_cost - compared_cost) / nullif(compared_cost, 0), 9) as relative_difference
from folded
order by
  'others' in (grp.kind, grp.kind_2),
  list_cost_usd desc nulls last,
  total_tokens desc nulls last,
  grp.name,
  grp.name_2,
  grp.kind desc,
  grp.kind_2 desc
