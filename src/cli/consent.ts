import type { Report } from '../report/schema.ts';
import type { Plan } from '../changes/change.ts';
import { ask } from './terminal/ask.ts';
import { screenOf } from './terminal/screen.ts';
import { print, type World } from './world.ts';

/** Shows what was found and what would be changed on standard error, and asks. */
export async function askForConsent(
  report: Report,
  plans: readonly Plan[],
  typed: { color: boolean },
  world: World,
): Promise<boolean> {
  const { consentText, foundText } = await import('../report/human/consent.ts');
  const screen = await screenOf(world, world.stderr, { color: typed.color });
  await print(world.stderr, `${[...foundText(report, screen), ...consentText(plans, screen)].join('\n')}\n`);
  return ask(world, '    Change this?');
}
