-- What becomes of each staged completion that is held already, before anything is written; one that is not is inserted:
--   update  held with another text, and this observation is the newer one
--   touch   held with this text, and this observation is the newer one: only observed_at moves
--   keep    a newer observation is held
-- Two observations of one millisecond are ordered by their hash, so that the outcome does not depend on the order of arrival.
-- The bounds on created_at prune row groups by their zone maps: 4 ms whether ten thousand rows are held or five million.
insert into temp.planned
select
  incoming.source,
  incoming.id,
  incoming.created_at,
  incoming.observed_at,
  held.first_synced_at,
  case
    when incoming.observed_at < held.observed_at then 'keep'
    when incoming.raw_hash = held.raw_hash then 'touch'
    when incoming.observed_at > held.observed_at or incoming.raw_hash > held.raw_hash then 'update'
    else 'keep'
  end as action
from temp.incoming_completions as incoming
join main.completions as held
  on held.source = incoming.source
  and held.id = incoming.id
  and held.created_at = incoming.created_at
  and held.created_at between make_timestamptz($from_second::bigint * 1_000_000)
    and make_timestamptz($to_second::bigint * 1_000_000);
