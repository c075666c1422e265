import { expect, it } from 'vitest';
import { failure } from '../../src/cli/failure.ts';

it.each([false, true])(
  'what JSON.parse choked on is not shown, with a stack (%s) or without',
  (withStack) => {
    let thrown: unknown;
    try {
      JSON.parse('{"content": canary-answer}');
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain('canary');
    const { text, exitCode } = failure(thrown, new AbortController().signal, withStack);
    expect(text).not.toContain('canary');
    expect(exitCode).toBe(1);
  },
);
