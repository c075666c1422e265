-- What a completion is made of: answers, tool calls, labels, input messages. All keyed by (source, completion_id, created_at).

create table main.completion_choices (
  source varchar not null,
  completion_id varchar not null,
  created_at timestamptz not null,
  choice_index bigint not null,
  finish_reason varchar,
  role varchar,
  content varchar,
  refusal varchar,
  reasoning_content varchar,
  tool_call_count bigint not null,
  function_call json,
  annotations json,
  audio json,
  logprobs json,
  extra json
);
comment on table main.completion_choices is 'Answers of a completion, one row a choice.';
comment on column main.completion_choices.source is 'Name of the source; completions.source.';
comment on column main.completion_choices.completion_id is 'Id of the completion; completions.id.';
comment on column main.completion_choices.created_at is 'When the completion was created, UTC, whole seconds; completions.created_at.';
comment on column main.completion_choices.choice_index is 'Number of the choice, 0 for the first; choices[].index, or its place where the indexes are missing or repeat.';
comment on column main.completion_choices.finish_reason is 'Why the answer ended: stop, length, tool_calls, content_filter, function_call; choices[].finish_reason. Azure lists none.';
comment on column main.completion_choices.role is 'Author of the answer, assistant; choices[].message.role.';
comment on column main.completion_choices.content is 'Text of the answer; choices[].message.content. JSON text where a server sends parts. NULL when kept without content.';
comment on column main.completion_choices.refusal is 'Text of a refusal; choices[].message.refusal. NULL when kept without content.';
comment on column main.completion_choices.reasoning_content is 'Reasoning text of servers that show it; choices[].message.reasoning_content or .reasoning. NULL when kept without content.';
comment on column main.completion_choices.tool_call_count is 'Tool calls in the answer, a count; length of choices[].message.tool_calls.';
comment on column main.completion_choices.function_call is 'Function call of the old form, JSON; choices[].message.function_call. Without arguments when kept without content.';
comment on column main.completion_choices.annotations is 'Citations in the answer, JSON; choices[].message.annotations. NULL when kept without content.';
comment on column main.completion_choices.audio is 'Audio answer without its data, JSON; choices[].message.audio. NULL when kept without content.';
comment on column main.completion_choices.logprobs is 'Log probabilities of the answer''s tokens, JSON; choices[].logprobs. NULL when kept without content.';
comment on column main.completion_choices.extra is 'All other fields of the choice, those of its message under "message", JSON; NULL when there are none or when kept without content.';

create table main.completion_tool_calls (
  source varchar not null,
  completion_id varchar not null,
  created_at timestamptz not null,
  choice_index bigint not null,
  tool_call_index bigint not null,
  tool_call_id varchar,
  type varchar,
  name varchar,
  arguments varchar
);
comment on table main.completion_tool_calls is 'Tool calls the model asked for, one row a call.';
comment on column main.completion_tool_calls.source is 'Name of the source; completions.source.';
comment on column main.completion_tool_calls.completion_id is 'Id of the completion; completions.id.';
comment on column main.completion_tool_calls.created_at is 'When the completion was created, UTC, whole seconds; completions.created_at.';
comment on column main.completion_tool_calls.choice_index is 'Choice the call belongs to; completion_choices.choice_index.';
comment on column main.completion_tool_calls.tool_call_index is 'Place of the call in its choice, 0 for the first.';
comment on column main.completion_tool_calls.tool_call_id is 'Id of the call, which the tool''s answer names; tool_calls[].id.';
comment on column main.completion_tool_calls.type is 'function or custom; tool_calls[].type.';
comment on column main.completion_tool_calls.name is 'Name of the tool; tool_calls[].function.name or .custom.name.';
comment on column main.completion_tool_calls.arguments is 'What the model passes, text that may not be valid JSON; function.arguments or custom.input. NULL when kept without content.';

create table main.completion_metadata (
  source varchar not null,
  completion_id varchar not null,
  created_at timestamptz not null,
  key varchar not null,
  value varchar
);
comment on table main.completion_metadata is 'Labels of a completion, one row a label, as the API held them when last read.';
comment on column main.completion_metadata.source is 'Name of the source; completions.source.';
comment on column main.completion_metadata.completion_id is 'Id of the completion; completions.id.';
comment on column main.completion_metadata.created_at is 'When the completion was created, UTC, whole seconds; completions.created_at.';
comment on column main.completion_metadata.key is 'Name of the label, upper and lower case kept apart; key in metadata.';
comment on column main.completion_metadata.value is 'Value of the label; JSON text where it is not a string. From metadata.';

create table main.completion_messages (
  source varchar not null,
  completion_id varchar not null,
  created_at timestamptz not null,
  message_index bigint not null,
  message_id varchar,
  role varchar,
  name varchar,
  content varchar,
  content_parts json,
  tool_call_id varchar,
  tool_calls json,
  raw varchar not null
);
comment on table main.completion_messages is 'Input messages of a completion, one row each, in the order of the conversation; filled by --with-messages.';
comment on column main.completion_messages.source is 'Name of the source; completions.source.';
comment on column main.completion_messages.completion_id is 'Id of the completion; completions.id.';
comment on column main.completion_messages.created_at is 'When the completion was created, UTC, whole seconds; completions.created_at.';
comment on column main.completion_messages.message_index is 'Place in the conversation, 0 for the first.';
comment on column main.completion_messages.message_id is 'Id of the message at the API; field id.';
comment on column main.completion_messages.role is 'Author: system, developer, user, assistant or tool; field role.';
comment on column main.completion_messages.name is 'Name of the author, where one was given; field name.';
comment on column main.completion_messages.content is 'Text of the message; field content. JSON text where a server sends parts. NULL when kept without content.';
comment on column main.completion_messages.content_parts is 'Text and image parts of the message, JSON; field content_parts. NULL when kept without content.';
comment on column main.completion_messages.tool_call_id is 'Call that a tool''s message answers; field tool_call_id.';
comment on column main.completion_messages.tool_calls is 'Tool calls of an earlier answer in the conversation, JSON; field tool_calls. NULL when kept without content.';
comment on column main.completion_messages.raw is 'The message''s JSON text as the API sent it; only its content-free fields when kept without content.';
