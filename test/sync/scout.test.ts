import { expect, it } from 'vitest';
import { candidatesOf } from '../../src/sync/scout.ts';

const rows = (count: number, of: (index: number) => { model: string; metadata: Record<string, string> }) =>
  Array.from({ length: count }, (_, index) => of(index));
const filters = (sample: ReturnType<typeof rows>, ignored: readonly string[] = []) =>
  candidatesOf(sample, (dimension) =>
    ignored.includes(dimension.kind === 'model' ? 'model' : dimension.key),
  ).map(({ filter, count }) => [filter.model, filter.metadata, count]);

it('the rarest value that was met more than once comes first', () => {
  const sample = rows(100, (index) => ({
    model: index < 3 ? 'rare' : index < 8 ? 'seldom' : 'usual',
    metadata: {},
  }));
  expect(filters(sample)).toEqual([
    ['rare', {}, 3],
    ['seldom', {}, 5],
  ]);
});

it('two frequent values are rare together', () => {
  const sample = rows(64, (index) => ({
    model: ['a', 'b', 'c', 'd'][index % 4] ?? '',
    metadata: { team: ['w', 'x', 'y', 'z'][Math.floor(index / 4) % 4] ?? '' },
  }));
  expect(filters(sample)[0]).toEqual(['a', { team: 'w' }, 4]);
  expect(filters(sample, ['team'])).toEqual([]);
});

it('values that each row has of its own, and those that all have, lead nowhere', () => {
  const sample = rows(60, (index) => ({ model: 'only', metadata: { request: `r-${index}` } }));
  expect(filters(sample)).toEqual([]);
});

it('two values that were met once are tried before those that were met again', () => {
  const models = ['once', 'only', 'alone', 'twice', 'twice'];
  const sample = rows(40, (index) => ({ model: models[index] ?? 'usual', metadata: {} }));
  expect(filters(sample)).toEqual([
    ['once', {}, 1],
    ['only', {}, 1],
    ['twice', {}, 2],
    ['alone', {}, 1],
  ]);
});
