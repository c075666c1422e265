select edition, program_version
from sync.editions
where part = $part;
