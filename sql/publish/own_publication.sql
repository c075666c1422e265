-- Of the file that is open; fails where it is a warehouse and no copy.
select * from sync.publication;
