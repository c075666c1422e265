import { expect, test } from 'vitest';
import { createLog } from '../src/log.ts';
import { TextSink } from './support/streams.ts';

function logged(level: 'info' | 'debug', fields: object): string {
  const sink = new TextSink();
  createLog({ level, format: 'json', color: false }, sink, false).info(fields, 'event');
  return sink.text;
}

test('keys, prompts and answers are taken out wherever they stand', () => {
  const line = logged('debug', {
    apiKey: 'sk-secret',
    settings: { apiKey: 'sk-secret', headers: { authorization: 'Bearer sk-secret' } },
    item: { raw: 'prompt text', body: { content: 'prompt text' } },
    messages: ['prompt text'],
  });
  expect(line).not.toMatch(/sk-secret|prompt text/);
  expect(line).toContain('[removed]');
});

test('a count that has the name of a text stays', () => {
  expect(JSON.parse(logged('info', { messages: 12 }))).toMatchObject({ messages: 12 });
});

test('an error is its class and message: no cause, no fields of a vendor, the stack only when debugging', () => {
  const error = Object.assign(new TypeError('failed', { cause: new Error('prompt text') }), {
    request: 'sk-secret',
  });
  expect(JSON.parse(logged('info', { err: error })).err).toEqual({ type: 'TypeError', message: 'failed' });
  const detailed = logged('debug', { err: error });
  expect(JSON.parse(detailed).err.stack).toContain('log.test.ts');
  expect(detailed).not.toMatch(/prompt text|sk-secret/);
});
