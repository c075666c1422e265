import { expect, test } from 'vitest';
import { flatten } from '../../src/warehouse/load/flatten.ts';
import { jsonText } from '../../src/warehouse/load/json-text.ts';
import { T0 } from './batches.ts';

const of = (fields: Readonly<Record<string, unknown>>) =>
  flatten({
    id: 'a',
    created: T0,
    observedAtMs: 5,
    raw: Buffer.from(jsonText(fields) ?? '{}'),
    rawHash: 'hash',
    fields,
  });

test('every field of a stored completion has its column; what has none is in extra', () => {
  const { completions } = of({
    id: 'a',
    object: 'chat.completion',
    created: T0,
    model: 'm',
    choices: [],
    usage: {},
    metadata: { k: 'v' },
    service_tier: 'flex',
    system_fingerprint: 'fp_1',
    moderation: { input: null },
    request_id: 'req_1',
    seed: -430976584126747957n,
    top_p: 1,
    temperature: 0.7,
    presence_penalty: -0.5,
    frequency_penalty: 0,
    tool_choice: 'auto',
    tools: [],
    response_format: null,
    input_user: 'u',
    input_messages: [{ role: 'user' }],
    provider: 'x',
    x_groq: { id: 1 },
  });
  expect(completions).toEqual([
    {
      id: 'a',
      created: T0,
      object: 'chat.completion',
      model: 'm',
      choice_count: 0,
      metadata: '{"k":"v"}',
      service_tier: 'flex',
      system_fingerprint: 'fp_1',
      moderation: '{"input":null}',
      request_id: 'req_1',
      seed: '-430976584126747957',
      top_p: 1,
      temperature: 0.7,
      presence_penalty: -0.5,
      frequency_penalty: 0,
      tool_choice: '"auto"',
      tools: '[]',
      response_format: null,
      input_user: 'u',
      input_messages: '[{"role":"user"}]',
      extra: '{"provider":"x","x_groq":{"id":1}}',
      raw: expect.stringMatching(/^\{"id":"a".*"x_groq":\{"id":1\}\}$/),
      raw_hash: 'hash',
      observed_at_ms: 5,
    },
  ]);
});

test('every token count has its column, and an absent one is null', () => {
  const details = (names: readonly string[], from: number) =>
    Object.fromEntries(names.map((name, index) => [name, from + index]));
  const usage = {
    prompt_tokens: 1,
    completion_tokens: 2,
    total_tokens: 3,
    compute_units: 0.5,
    prompt_tokens_details: details(
      ['cached_tokens', 'cache_write_tokens', 'audio_tokens', 'text_tokens', 'image_tokens'],
      10,
    ),
    completion_tokens_details: details(
      [
        'reasoning_tokens',
        'audio_tokens',
        'text_tokens',
        'accepted_prediction_tokens',
        'rejected_prediction_tokens',
      ],
      20,
    ),
  };
  expect(of({ usage }).usage).toEqual([
    {
      completion_id: 'a',
      created: T0,
      model: null,
      service_tier: null,
      prompt_tokens: '1',
      completion_tokens: '2',
      total_tokens: '3',
      compute_units: 0.5,
      prompt_cached_tokens: '10',
      prompt_cache_write_tokens: '11',
      prompt_audio_tokens: '12',
      prompt_text_tokens: '13',
      prompt_image_tokens: '14',
      completion_reasoning_tokens: '20',
      completion_audio_tokens: '21',
      completion_text_tokens: '22',
      completion_accepted_prediction_tokens: '23',
      completion_rejected_prediction_tokens: '24',
      usage: JSON.stringify(usage),
    },
  ]);
  const [absent] = of({ usage: { prompt_tokens: 0, prompt_tokens_details: null } }).usage;
  expect(absent).toMatchObject({ prompt_tokens: '0', completion_tokens: null, prompt_cached_tokens: null });
  expect(of({}).usage[0]?.usage).toBeNull();
});

test('a choice: audio without its data, reasoning by either name, other fields in extra', () => {
  const { choices } = of({
    choices: [
      {
        index: 0,
        finish_reason: null,
        content_filter_results: { hate: 1 },
        logprobs: null,
        message: {
          role: 'assistant',
          content: [{ type: 'text', text: 'x' }],
          refusal: 'no',
          reasoning: 'because',
          annotations: [],
          function_call: null,
          audio: { id: 'audio_1', data: 'UklG', transcript: 'hi' },
          tool_calls: null,
          stop_reason: 7,
        },
      },
    ],
  });
  expect(choices).toEqual([
    {
      completion_id: 'a',
      created: T0,
      choice_index: '0',
      finish_reason: null,
      role: 'assistant',
      content: '[{"type":"text","text":"x"}]',
      refusal: 'no',
      reasoning_content: 'because',
      tool_call_count: 0,
      function_call: null,
      annotations: '[]',
      audio: '{"id":"audio_1","transcript":"hi"}',
      logprobs: null,
      extra: '{"content_filter_results":{"hate":1},"message":{"stop_reason":7}}',
    },
  ]);
});
