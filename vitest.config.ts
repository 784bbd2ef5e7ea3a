import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/lab/**', 'node_modules/**'],
    // Tests share nothing but values, so one process can run many files: a third of the time.
    isolate: false,
    // Vitest would leave one of two cores idle; files that start programs or wait for sockets leave the other half idle.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
