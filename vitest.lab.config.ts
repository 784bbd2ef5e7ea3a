import { defineConfig } from 'vitest/config';

// The lab boots real hosts: root, Linux, minutes. One file at a time, as they share two cores.
export default defineConfig({
  test: {
    include: ['test/lab/**/*.lab.ts'],
    testTimeout: 240_000,
    hookTimeout: 900_000,
    fileParallelism: false,
    reporters: ['verbose'],
  },
});
