-- The members of a plain completion that have a column, typed; a member that is absent, or null, is NULL. Of what is called plain
-- (src/completion/plain-form.ts) this makes what JSON.parse makes.
create or replace temp macro plain_item(raw) as json_transform(raw, '{
  "id": "VARCHAR",
  "object": "VARCHAR",
  "model": "VARCHAR",
  "service_tier": "VARCHAR",
  "request_id": "VARCHAR",
  "input_user": "VARCHAR",
  "metadata": "JSON",
  "system_fingerprint": "VARCHAR",
  "temperature": "DOUBLE",
  "top_p": "DOUBLE",
  "presence_penalty": "DOUBLE",
  "frequency_penalty": "DOUBLE",
  "seed": "BIGINT",
  "tool_choice": "JSON",
  "tools": "JSON",
  "response_format": "JSON",
  "moderation": "JSON",
  "input_messages": "JSON",
  "usage": "JSON",
  "choices": [{
    "finish_reason": "VARCHAR",
    "logprobs": "JSON",
    "message": {
      "role": "VARCHAR",
      "content": "VARCHAR",
      "refusal": "VARCHAR",
      "reasoning_content": "VARCHAR",
      "reasoning": "VARCHAR",
      "tool_calls": [{
        "id": "VARCHAR",
        "type": "VARCHAR",
        "function": {"name": "VARCHAR", "arguments": "VARCHAR"},
        "custom": {"name": "VARCHAR", "input": "VARCHAR"}
      }],
      "function_call": "JSON",
      "annotations": "JSON"
    }
  }]
}');
