-- Tokens that no list cost counts, and why.
select model, service_tier, token_type, reason, tokens, token_share
from marts.unpriced_usage
order by tokens desc
