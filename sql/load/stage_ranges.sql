-- $rows: one JSON object a line and covered range; overlaps and repeats are allowed.
insert into temp.staged_ranges by name
select from_second, to_second
from (
  select unnest(from_json_strict(line, '{"from_second": "BIGINT", "to_second": "BIGINT"}'))
  from (select unnest(string_split($rows, chr(10))) as line)
);
