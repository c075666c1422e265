-- Rows held.
select count(*) as completions
from main.completions;
