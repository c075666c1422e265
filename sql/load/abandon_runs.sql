-- Runs of the source that never ended: the process was killed, or lost its turn.
update sync.runs
set status = 'abandoned'
where source = $source
  and status = 'running';
