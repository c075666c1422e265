-- Tells one set of prices from another: with other prices the costs of all days change.
select count(*)::varchar || ' ' || coalesce(bit_xor(hash(prices))::varchar, '') as hash
from main.model_prices as prices;
