-- How many staged completions that are held take each action.
select action, count(*) as row_count
from temp.planned
group by action;
