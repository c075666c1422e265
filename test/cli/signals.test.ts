import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { abortOnSignals, Interrupted } from '../../src/cli/signals.ts';

function setUp() {
  const emitter = new EventEmitter() as EventEmitter & Pick<NodeJS.Process, 'on' | 'off'>;
  const exits: number[] = [];
  const clock = { ms: 1_000 };
  const { signal, dispose } = abortOnSignals(
    emitter,
    (code) => exits.push(code),
    () => clock.ms,
  );
  return { emitter, exits, clock, signal, dispose };
}

test('the first signal aborts with its name as the reason', () => {
  const { emitter, signal, exits } = setUp();
  emitter.emit('SIGTERM', 'SIGTERM');
  expect(signal.reason).toBeInstanceOf(Interrupted);
  expect(signal.reason).toMatchObject({ signalName: 'SIGTERM', message: 'interrupted by SIGTERM' });
  expect(exits).toEqual([]);
});

test('one Ctrl-C that arrives from terminal, npx and launcher is one', () => {
  const { emitter, clock, exits } = setUp();
  emitter.emit('SIGINT', 'SIGINT');
  clock.ms += 40;
  emitter.emit('SIGINT', 'SIGINT');
  emitter.emit('SIGINT', 'SIGINT');
  expect(exits).toEqual([]);
});

test('a second one later ends at once', () => {
  const { emitter, clock, exits } = setUp();
  emitter.emit('SIGINT', 'SIGINT');
  clock.ms += 500;
  emitter.emit('SIGTERM', 'SIGTERM');
  expect(exits).toEqual([130]);
});

test('nothing listens afterwards', () => {
  const { emitter, dispose } = setUp();
  dispose();
  expect(emitter.eventNames()).toEqual([]);
});
