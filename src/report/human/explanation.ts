import type { FindingEntry } from '../../findings/catalogue.ts';
import { recipes } from '../../findings/recipes.ts';
import { displayWidth } from '../text/width.ts';
import { paragraph, room, table } from './lines.ts';
import type { Screen } from './screen.ts';

const systems = { linux: 'Linux', macos: 'macOS', windows: 'Windows' } as const;

/** One entry of the catalogue, in full. */
export function explanation(entry: FindingEntry, screen: Screen): string[] {
  const { chalk } = screen;
  const gap = Math.max(2, room(screen, 2) - displayWidth(entry.title) - displayWidth(entry.code));
  const heading = (text: string): string[] => ['', `  ${chalk.bold(text)}`];
  return [
    `  ${chalk.bold(entry.title)}${' '.repeat(gap)}${chalk.dim(entry.code)}`,
    ...paragraph(screen, 2, entry.meaning),
    ...heading('See it by hand'),
    ...entry.look.flatMap(({ on, command, tells }) => [
      ...paragraph(screen, 4, on === undefined ? command : `${command}   # ${systems[on]}`, chalk.cyan),
      ...paragraph(screen, 6, tells, chalk.dim),
    ]),
    ...heading('Mend it'),
    ...paragraph(screen, 4, entry.mend),
    ...(entry.recipes.length === 0
      ? []
      : [
          ...heading(`${screen.command} fix`),
          ...entry.recipes.flatMap((id) => [
            `    ${chalk.cyan(id)}`,
            ...paragraph(screen, 6, recipes[id], chalk.dim),
          ]),
        ]),
  ];
}

/** Codes and titles, under their checks. */
export function listing(entries: readonly FindingEntry[], screen: Screen): string[] {
  const checks = [...new Set(entries.map((entry) => entry.check))];
  const blocks = checks.map((check) => [
    `  ${screen.chalk.bold(check)}`,
    ...table(
      screen,
      4,
      entries.filter((entry) => entry.check === check).map((entry) => [pad26(entry.code), entry.title]),
      { left: screen.chalk.cyan },
    ),
  ]);
  return [
    ...blocks.flatMap((block) => [...block, '']),
    `  ${screen.chalk.dim(`${screen.command} explain CODE has the whole of one`)}`,
  ];
}

/** As wide as the longest code, so that the titles of all checks stand under each other. */
function pad26(code: string): string {
  return code.padEnd(26);
}
