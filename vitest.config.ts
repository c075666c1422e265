import { defineConfig } from 'vitest/config';

/** Where `.ci/run` wants the results as JSON, besides what a person reads. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Most tests wait for processes, servers and files: on two cores three at once take half the time of vitest's one.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A poll waits for another process to have started: with three files at once on two cores that takes seconds, not the one of vitest.
    expect: { poll: { timeout: 30_000 } },
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
