select last_synced_id, epoch_us(last_synced_at) // 1_000_000 as last_synced_second
from sync.checkpoints
where source = $source;
