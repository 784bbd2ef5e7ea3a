import { setByHand } from '../findings/set-by-hand.ts';
import { withOrigin } from '../ollama/origin-setting.ts';
import { type Outcome, type Recipe, refusal } from './recipe.ts';
import { settingInForce } from '../facts/in-force.ts';
import { planSetting } from './settings/plan-setting.ts';

const id = 'allow-origin';

/**
 * Lets in the one web page that was refused: its origin is added to what OLLAMA_ORIGINS has, never a star. Who can reach
 * Ollama stays the same; what a browser lets the page do with it changes.
 */
export const allowOrigin: Recipe = {
  id,
  cures: ['forbidden-origin'],
  async plan(planning, causes): Promise<Outcome> {
    const { origin } = planning.facts.options;
    const services = await planning.facts.services();
    const service = services.state === 'seen' ? services.value[0] : undefined;
    if (origin === undefined || causes.length === 0) return { refusals: [] };
    const told = settingInForce(service?.settings, 'OLLAMA_ORIGINS');
    const value = withOrigin(told?.value, origin);
    if (value === undefined)
      return refusal(id, `Ollama cannot be told of ${origin} alone: an entry for it would end the server`, [
        `only a star lets it in, and all others of its kind with it: ${origin.replace(/:\/\/.*$/u, '://*')}`,
      ]);
    const assignment = { variable: 'OLLAMA_ORIGINS', value } as const;
    if (!service || service.state !== 'running')
      return refusal(id, 'no service here runs the Ollama that answers', setByHand(undefined, assignment));
    return planSetting(planning, causes, {
      recipe: id,
      service,
      assignment,
      summary: `let in pages of ${origin}`,
      gainsAccess: [],
      notes: [
        `pages of ${origin} may use Ollama from the browser of anybody who can reach it; no other page gains anything`,
        'restarting Ollama ends generations that are running, and models are loaded again on the next request',
      ],
    });
  },
};
