import { mendedOrigins } from '../ollama/origin-setting.ts';
import type { Outcome, Recipe } from './recipe.ts';
import { planSetting } from './settings/plan-setting.ts';
import { settingInForce } from '../facts/in-force.ts';
import { comesBack } from './start-service.ts';

const id = 'mend-origins';

/** Writes each entry of OLLAMA_ORIGINS that ends the server as it starts the way it was meant. */
export const mendOrigins: Recipe = {
  id,
  cures: ['crash-loop'],
  async plan(planning, causes): Promise<Outcome> {
    const own = causes.filter(({ recipe }) => recipe === id);
    const services = await planning.facts.services();
    const service = services.state === 'seen' ? services.value[0] : undefined;
    const told = settingInForce(service?.settings, 'OLLAMA_ORIGINS');
    const value = told === undefined ? undefined : mendedOrigins(told.value);
    if (own.length === 0 || !service || value === undefined) return { refusals: [] };
    const { gainsAccess, notes } = await comesBack(planning, service);
    return planSetting(planning, own, {
      recipe: id,
      service,
      assignment: { variable: 'OLLAMA_ORIGINS', value },
      summary: 'entries of OLLAMA_ORIGINS as they were meant',
      gainsAccess,
      notes: [`pages of ${value} are let in, as ${told?.value ?? ''} was meant`, ...notes],
    });
  },
};
