import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest files, so that none of them begins when all others are done. */
const longest = [
  'recipes/plans',
  'owners/ufw',
  'recipes/kill',
  'owners/open-port',
  'neighbours',
  'lab/firewalld',
  'runtimes',
  'owners/firewalld',
  'owners/nftables',
  'front-ends',
  'iptables',
  'compose',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((name) => moduleId.endsWith(`${name}.lab.ts`));
      return found === -1 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

const common = { testTimeout: 1_200_000, hookTimeout: 900_000 };

// The lab boots real hosts: root, Linux, minutes. Hosts wait most of their time, for silence and for each other, so
// three files run side by side on two cores; what asks the kernel tens of thousands of questions runs alone, afterwards.
export default defineConfig({
  test: {
    globalSetup: ['test/lab/host/before-all.ts'],
    reporters: ['verbose'],
    sequence: { sequencer: LongestFirst },
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
