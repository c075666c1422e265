-- Newest commit that changed each day.
select created_date::varchar as day, max(change_number) as change_number
from sync.changes
where created_date is not null
group by created_date
order by created_date;
