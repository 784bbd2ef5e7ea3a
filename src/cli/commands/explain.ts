import type { Command } from 'commander';
import { checkIds, docsFor, findingEntries, findingEntry } from '../../findings/index.ts';
import { renderJson } from '../../report/json.ts';
import { tool } from '../../report/tool.ts';
import { suggestion } from '../closest.ts';
import { usage } from '../failure.ts';
import type { Outcome } from '../program.ts';
import { screenOf } from '../terminal/screen.ts';
import { print, type World } from '../world.ts';

interface Typed {
  error?: string | true;
  json?: true;
  color: boolean;
}

/** `ollama-doctor explain [CODE]`: the catalogue, one entry of it, or those of one check; --error: what a message means. */
export function addExplain(program: Command, world: World, outcome: Outcome): void {
  program
    .command('explain [code]')
    .description('what a finding means, how to see it by hand, how it is mended')
    .option('--error [text]', 'what a message or a log makes one suspect; - reads standard input')
    .option('--json', 'as JSON')
    .option('--no-color', 'without colours')
    .allowExcessArguments(false)
    .action(async (code: string | undefined, typed: Typed) => {
      if (typed.error !== undefined) {
        if (code !== undefined) throw usage('--error takes one text', 'put it in quotes');
        const { explainError } = await import('./explain-error.ts');
        outcome.exitCode = await explainError(typed.error, typed, world);
        return;
      }
      outcome.exitCode = 0;
      const entries = entriesFor(code);
      if (typed.json) {
        const findings = entries.map((entry) => ({ ...entry, docs: docsFor(entry.code) }));
        return print(world.stdout, renderJson({ schemaVersion: 1, tool, findings }));
      }
      const { explanation, listing } = await import('../../report/human/explanation.ts');
      const screen = await screenOf(world, world.stdout, { color: typed.color });
      const [only] = entries;
      const lines =
        only && entries.length === 1 && code === only.code
          ? explanation(only, screen)
          : listing(entries, screen);
      return print(world.stdout, `${lines.join('\n')}\n`);
    });
}

function entriesFor(code: string | undefined): typeof findingEntries {
  if (code === undefined) return findingEntries;
  const entry = findingEntry(code);
  if (entry) return [entry];
  const ofCheck = findingEntries.filter((each) => each.check === code);
  if (ofCheck.length > 0) return ofCheck;
  const known = [...findingEntries.map((each) => each.code), ...checkIds];
  const near = suggestion(code, known);
  throw usage(
    `there is no finding '${code}'`,
    near.startsWith('did') ? near : '`ollama-doctor explain` lists them all',
  );
}
