-- Its input messages in the order of the conversation.
select raw
from main.completion_messages
where source = $source
  and completion_id = $id
order by created_at desc, message_index;
