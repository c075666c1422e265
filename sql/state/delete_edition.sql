delete from sync.editions
where part = $part;
