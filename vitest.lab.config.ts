import { defineConfig } from 'vitest/config';

const common = { testTimeout: 600_000, hookTimeout: 900_000 };

// The lab boots real hosts: root, Linux, minutes. Hosts wait most of their time, for silence and for each other, so
// three files run side by side on two cores; what asks the kernel tens of thousands of questions runs alone, first.
export default defineConfig({
  test: {
    globalSetup: ['test/lab/host/before-all.ts'],
    reporters: ['verbose'],
    projects: [
      {
        test: {
          ...common,
          name: 'kernel',
          include: ['test/lab/firewall/**/*.lab.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'hosts',
          include: ['test/lab/**/*.lab.ts'],
          exclude: ['test/lab/firewall/**'],
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
