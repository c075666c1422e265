-- Whether any row of the source is held between two seconds: else nothing of the batch can be there already.
select exists (
  from main.completions
  where source = $source
    and created_at between make_timestamptz($from_second::bigint * 1_000_000)
      and make_timestamptz($to_second::bigint * 1_000_000)
) as is_held;
