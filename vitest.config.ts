import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Where `.ci/run` wants the results as JSON, besides what a person reads. */
const report = process.env['TEST_REPORT'];

/** Files that take half a minute and more, the longest first: begun last, each would keep the whole waiting. */
const LONG = [
  'kill',
  'publish',
  'embedded-queue',
  'completeness',
  'faults',
  'histories',
  'secrets',
  'export',
  'spare-file',
  'reports',
  'dockerfile',
  'readme',
  'postgres-queue',
  'figures',
  'publish-processes',
  'seen',
  'embedded',
  'accessibility',
  'publish-failed',
  'dashboard',
  'two-readers',
  'redis-queue',
].map((name) => `${name}.test.ts`);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONG.indexOf(basename(moduleId));
      return found === -1 ? LONG.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/templates.ts'],
    sequence: { sequencer: LongestFirst },
    // Most tests wait for processes, servers and files: on two cores three at once take half the time of vitest's one.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A poll waits for another process to have started: with three files at once on two cores that takes seconds, not the one of vitest.
    expect: { poll: { timeout: 30_000 } },
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
