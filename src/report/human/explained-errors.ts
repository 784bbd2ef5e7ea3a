import type { ExplainedError } from '../../findings/errors/index.ts';
import { paragraph, table } from './lines.ts';
import type { Screen } from './screen.ts';

/** What known messages in a log make one suspect, the most telling first. */
export function explainedErrors(errors: readonly ExplainedError[], screen: Screen): string[] {
  const { chalk } = screen;
  const blocks = errors.map(({ line, count, meaning, suspicions, run, source }) => [
    ...paragraph(screen, 2, line, chalk.bold),
    ...(count > 1 ? paragraph(screen, 2, `(${String(count)} lines like it)`, chalk.dim) : []),
    ...paragraph(screen, 4, meaning),
    '',
    `    ${chalk.bold('Likely')}`,
    ...table(
      screen,
      6,
      suspicions.map(({ code, title }) => [code, title] as const),
      { left: chalk.cyan },
    ),
    `    ${chalk.bold('Look')}`,
    ...run.flatMap((command) =>
      paragraph(screen, 6, command.replace(/^ollama-doctor/u, screen.command), chalk.cyan),
    ),
    ...paragraph(screen, 4, `seen in ${source}`, chalk.dim),
    '',
  ]);
  return [
    ...blocks.flat(),
    ...paragraph(
      screen,
      2,
      'A suspicion from the words alone, not a diagnosis: nothing was looked at on this machine.',
      chalk.dim,
    ),
  ];
}
