/** `POST /chat/completions`: enough of it that a program under test can leave rows behind. */
import { isTextMap, parseObject } from './body.ts';
import { rowId } from './ids.ts';
import { hash } from './random.ts';
import { int64Seed, jsonObject, messageJson, requestId } from './render.ts';
import { errorReply, type Reply } from './replies.ts';
import { GREETINGS, SENTENCES } from './texts.ts';
import type { Asked, World } from './world.ts';

/** Aliases and the snapshots they stand for; the API stores the snapshot. */
const SNAPSHOTS: Readonly<Record<string, string>> = {
  'gpt-4.1': 'gpt-4.1-2025-04-14',
  'gpt-4.1-mini': 'gpt-4.1-mini-2025-04-14',
  'gpt-4o': 'gpt-4o-2024-08-06',
  'gpt-4o-mini': 'gpt-4o-mini-2024-07-18',
  'gpt-5': 'gpt-5-2025-08-07',
  'gpt-5-mini': 'gpt-5-mini-2025-08-07',
  'o4-mini': 'o4-mini-2025-04-16',
};
/** Keeps the ids of created rows apart from those of generated ones. */
const CREATED_SEED = 0x0c0ffee;

/** Answers with an invented completion, and keeps it when `store` is true (OGX keeps every one). */
export function createCompletion(world: World, asked: Asked): Reply {
  const { quirks, store } = world;
  const request = parseObject(asked.body);
  const given = request?.['messages'];
  const alias = request?.['model'];
  if (request === null || !Array.isArray(given) || typeof alias !== 'string') {
    return errorReply(quirks, 400, {
      message: "Missing required parameter: 'messages' and 'model' are needed.",
    });
  }
  const keeps = request['store'] === true || quirks.item.inputMessages;
  const metadata = isTextMap(request['metadata']) ? request['metadata'] : {};
  if (!keeps && Object.keys(metadata).length > 0) {
    return errorReply(quirks, 400, {
      message: "The 'metadata' parameter is only allowed when 'store' is enabled.",
      param: 'metadata',
    });
  }
  const { number } = asked;
  const id = rowId(world.seed ^ CREATED_SEED, number);
  const created = Math.floor(world.nowSeconds);
  const model = SNAPSHOTS[alias] ?? alias;
  const pick = hash(world.seed, number, 7);
  const content = `"${GREETINGS[pick % GREETINGS.length]} ${SENTENCES[pick % SENTENCES.length]}"`;
  const promptTokens = Math.ceil(asked.body.length / 4);
  const completionTokens = Math.ceil(content.length / 4);
  const counts = `"prompt_tokens":${promptTokens},"completion_tokens":${completionTokens},"total_tokens":${promptTokens + completionTokens}`;
  const messages = given.map(storedMessage);
  const { item } = quirks;
  const stored = (json: string): string | undefined => (item.storedFields === 'present' ? json : undefined);
  const choice = `[{"index":0,"message":{"content":${content},"role":"assistant","tool_calls":null,"function_call":null},"finish_reason":"stop","logprobs":null}]`;
  if (keeps) {
    const raw = jsonObject(
      [
        ['object', '"chat.completion"'],
        ['id', `"${id}"`],
        ['model', JSON.stringify(model)],
        ['created', String(created)],
        ['request_id', stored(`"${requestId(world.seed ^ CREATED_SEED, number, item.requestId)}"`)],
        ['tool_choice', stored('null')],
        ['usage', item.usage === 'present' ? `{${counts}}` : item.usage === 'null' ? 'null' : undefined],
        ['seed', stored(int64Seed(world.seed ^ CREATED_SEED, number))],
        ['top_p', stored('1.0')],
        ['temperature', stored('1.0')],
        ['presence_penalty', stored('0.0')],
        ['frequency_penalty', stored('0.0')],
        ['system_fingerprint', '"fp_50cad350e4"'],
        ['input_user', stored(JSON.stringify(request['user'] ?? null))],
        ['service_tier', '"default"'],
        ['tools', stored(JSON.stringify(request['tools'] ?? null))],
        ['metadata', item.metadata === 'present' ? JSON.stringify(metadata) : undefined],
        ['choices', choice],
        ['response_format', stored(JSON.stringify(request['response_format'] ?? null))],
        ['input_messages', item.inputMessages ? `[${messages.join(',')}]` : undefined],
      ],
      item.nulls,
    );
    const visibleAtSeconds = world.nowSeconds + world.faults.visibilityDelaySeconds;
    store.add({ id, created, model, metadata, raw, messages, visibleAtSeconds });
  }
  // A create reply has usage details, refusal and annotations, which the stored row lacks (recorded).
  const body =
    `{"id":"${id}","object":"chat.completion","created":${created},"model":${JSON.stringify(model)},` +
    `"choices":[{"index":0,"message":{"role":"assistant","content":${content},"refusal":null,"annotations":[]},` +
    `"logprobs":null,"finish_reason":"stop"}],"usage":{${counts},` +
    '"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,' +
    '"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},' +
    '"service_tier":"default","system_fingerprint":"fp_50cad350e4"}';
  return { status: 200, body };
}

/** A request's message as it is listed later: text content as it was, parts in `content_parts`. */
function storedMessage(message: unknown): string {
  const { role, content } = (message ?? {}) as { readonly role?: unknown; readonly content?: unknown };
  const who = typeof role === 'string' ? role : 'user';
  return Array.isArray(content)
    ? messageJson(who, 'null', JSON.stringify(content))
    : messageJson(who, JSON.stringify(content ?? null));
}
