/** What of prompts and answers reaches the file. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.ts';
import { type House, houseOf, NEWEST } from '../support/house.ts';

const CANARY = 'kanarienvogel-7731';

async function chattyHouse(): Promise<House> {
  const house = await houseOf({});
  house.emulator.store.add(
    Array.from({ length: 120 }, (_, index) => ({
      id: `c-${index}`,
      created: NEWEST - index,
      raw: JSON.stringify({
        id: `c-${index}`,
        object: 'chat.completion',
        created: NEWEST - index,
        model: 'm',
        metadata: { team: 'search' },
        usage: { prompt_tokens: index, completion_tokens: 2, total_tokens: index + 2 },
        tools: [{ type: 'function', function: { name: 'f', description: `${CANARY}-tools` } }],
        choices: [
          {
            index: 0,
            finish_reason: 'stop',
            message: {
              role: 'assistant',
              content: `${CANARY}-answer`,
              refusal: `${CANARY}-refusal`,
              tool_calls: [
                { id: 't', type: 'function', function: { name: 'f', arguments: `${CANARY}-call` } },
              ],
            },
          },
        ],
        [`${CANARY}-key`]: `${CANARY}-unknown`,
      }),
      messages: [
        JSON.stringify({ role: 'system', content: `${CANARY}-system` }),
        JSON.stringify({
          role: 'user',
          content: null,
          content_parts: [{ type: 'text', text: `${CANARY}-part` }],
        }),
      ],
    })),
  );
  // Rejected items hold text too.
  house.emulator.store.add({
    id: 'bad',
    created: NEWEST - 200,
    raw: `{"id":"bad","created":${NEWEST - 200},"x":"${CANARY}-bad"}`,
  });
  return house;
}

// The file is closed: reading it while this process has it open would give its lock away.
const bytesOf = (house: House): string => readFileSync(house.path, 'latin1');

describe('--with-messages', () => {
  it('copies the input messages of every completion, in the order of the conversation, once', async () => {
    const house = await chattyHouse();
    const { code } = await house.sync({ args: ['--with-messages'], env: { PAGE_SIZE: '20' } });
    expect(code).toBe(EXIT.unproven);
    const query = `select count(*) as n, count(distinct completion_id) as completions,
      count(*) filter (message_index = 0 and role = 'system' and content = '${CANARY}-system') as first,
      count(*) filter (message_index = 1 and role = 'user' and (content_parts->0->>'text') = '${CANARY}-part') as second
      from main.completion_messages`;
    const all = [{ n: 240n, completions: 120n, first: 120n, second: 120n }];
    expect(await house.query(query)).toEqual(all);
    await house.reread({ args: ['--with-messages'] });
    expect(await house.query(query)).toEqual(all);
  });

  it('without it there are none, and no request for them', async () => {
    const house = await chattyHouse();
    await house.sync();
    expect(await house.query('select count(*) as n from main.completion_messages')).toEqual([{ n: 0n }]);
    expect(house.emulator.requests.filter(({ operation }) => operation === 'messages')).toEqual([]);
  });
});

describe('CONTENT=none', () => {
  it('leaves no prompt or answer text in the bytes of the file, and keeps usage and metadata', async () => {
    const house = await chattyHouse();
    await house.sync({ args: ['--with-messages'], env: { CONTENT: 'none' } });
    expect(bytesOf(house)).not.toContain(CANARY);
    expect(
      await house.query(`select count(*) as n, sum(prompt_tokens)::bigint as tokens,
        (select count(*) from main.completion_metadata where value = 'search') as labels,
        (select count(*) from main.completion_messages where role = 'system') as messages,
        (select count(*) from sync.rejected) as rejected from main.completion_usage`),
    ).toEqual([{ n: 120n, tokens: 7_140n, labels: 120n, messages: 120n, rejected: 1n }]);
  });

  it('with content the same look does find the text', async () => {
    const house = await chattyHouse();
    await house.sync({ args: ['--with-messages'] });
    expect(bytesOf(house)).toContain(CANARY);
  });
});
