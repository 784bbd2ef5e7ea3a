import type { FindingEntry } from '../../src/findings/catalogue.ts';
import { checkIds, findingEntries, recipes } from '../../src/findings/index.ts';

const systems = { linux: 'Linux', macos: 'macOS', windows: 'Windows' } as const;

/** docs/findings.md: every finding code, under its check, as the catalogue has it. */
export function findingsPage(): string {
  const checks = checkIds.flatMap((id) => [
    `## ${id}`,
    '',
    ...findingEntries.filter((entry) => entry.check === id).flatMap(section),
  ]);
  return [
    '# Findings',
    '',
    'Every code that a report can carry, under the check that reports it. `ollama-doctor explain CODE` prints the same.',
    'Made from `src/findings/` by `npm run docs`; change it there.',
    '',
    ...checks,
  ]
    .join('\n')
    .replace(/\n+$/u, '\n');
}

function section(entry: FindingEntry): string[] {
  const look = entry.look.map(
    ({ on, command, tells }) => `- ${on === undefined ? '' : `${systems[on]}: `}\`${command}\`: ${tells}`,
  );
  const cures = entry.recipes.map((id) => `- \`${id}\` ${recipes[id]}`);
  return [
    // The anchor is the code itself, which a heading's own anchor would only be by chance.
    `### <a id="${entry.code}"></a>${entry.title}`,
    '',
    `\`${entry.code}\``,
    '',
    entry.meaning,
    '',
    'See it by hand:',
    '',
    ...look,
    '',
    `Mend it: ${entry.mend}`,
    '',
    ...(cures.length === 0 ? [] : ['`ollama-doctor fix` has for it:', '', ...cures, '']),
  ];
}
