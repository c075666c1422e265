-- Of a copy that is attached as published.
select * from published.sync.publication;
