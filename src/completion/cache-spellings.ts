/** Where a server's `usage` tells the tokens of the prompt that its cache gave, and those it took. Pure. */

export interface CacheSpelling {
  /** In `usage`: a member, or a member of an object in it. */
  readonly path: readonly [string] | readonly [string, string];
  /** Who says it so: their documentation, or recorded answers where they have none. */
  readonly source: string;
}

/**
 * The one table of them, by the column of `completion_usage` that they fill: the first that is a whole number counts, so OpenAI's own
 * field before all others. sql/load/incoming_usage.sql has the same in the same order for the engine's reader; a test holds the two
 * against each other, and each against this table.
 */
export const CACHE_SPELLINGS = {
  prompt_cached_tokens: [
    {
      path: ['prompt_tokens_details', 'cached_tokens'],
      source: 'OpenAI API reference; Azure, Groq, xAI, vLLM, OpenRouter, Mistral and DeepSeek of today',
    },
    {
      path: ['prompt_token_details', 'cached_tokens'],
      source: 'Writer and Mistral, recorded answers (without the s)',
    },
    {
      path: ['prompt_cache_hit_tokens'],
      source:
        'DeepSeek, api-docs.deepseek.com/guides/kv_cache: beside prompt_cache_miss_tokens, both part of prompt_tokens',
    },
    {
      path: ['cached_tokens'],
      source: 'Moonshot, platform.moonshot.ai chat completions; Together AI, recorded answers',
    },
    {
      path: ['num_cached_tokens'],
      source: 'Mistral, recorded answers of 2025; in whole blocks, so at times more than the prompt',
    },
    {
      path: ['cache_read_input_tokens'],
      source:
        "Anthropic's name: Databricks, recorded answers; LiteLLM's proxy, docs.litellm.ai/docs/completion/prompt_caching",
    },
  ],
  prompt_cache_write_tokens: [
    {
      path: ['prompt_tokens_details', 'cache_write_tokens'],
      source: 'OpenAI API reference; OpenRouter, recorded answers',
    },
    {
      path: ['prompt_tokens_details', 'cache_creation_tokens'],
      source: "LiteLLM's proxy, litellm/types/utils.py (PromptTokensDetailsWrapper)",
    },
    {
      path: ['prompt_tokens_details', 'cache_creation_input_tokens'],
      source: 'Alibaba Model Studio, alibabacloud.com/help/en/model-studio/context-cache (explicit cache)',
    },
    {
      path: ['cache_creation_input_tokens'],
      source:
        "Anthropic's name: Databricks, recorded answers; LiteLLM's proxy, docs.litellm.ai/docs/completion/prompt_caching",
    },
  ],
} as const satisfies Record<string, readonly CacheSpelling[]>;

const ALL: readonly CacheSpelling[] = Object.values(CACHE_SPELLINGS).flat();

/** Members of `usage` that are a count in some spelling. */
export const FLAT_SPELLINGS: readonly string[] = ALL.flatMap(({ path }) => (path.length === 1 ? path : []));

/** Members of an object in `usage` that are one. */
export const spellingsWithin = (object: string): readonly string[] =>
  ALL.flatMap(({ path }) => (path.length === 2 && path[0] === object ? [path[1]] : []));
