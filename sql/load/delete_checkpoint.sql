delete from sync.checkpoints
where source = $source;
