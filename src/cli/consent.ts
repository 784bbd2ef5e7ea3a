import type { Plan } from '../changes/change.ts';
import { ask } from './terminal/ask.ts';
import { screenOf } from './terminal/screen.ts';
import { print, type World } from './world.ts';

/** Shows what would be changed on standard error, and asks. */
export async function askForConsent(
  plans: readonly Plan[],
  typed: { color: boolean },
  world: World,
): Promise<boolean> {
  const { consentText } = await import('../report/human/consent.ts');
  const screen = await screenOf(world, world.stderr, { color: typed.color, detail: 'normal', fixable: true });
  await print(world.stderr, `${consentText(plans, screen).join('\n')}\n`);
  return ask(world, '    Change this?');
}
