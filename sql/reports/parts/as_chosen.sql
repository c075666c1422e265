-- Rows as they are: nothing is summed up.
select * from chosen
