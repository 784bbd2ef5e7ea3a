import type { Plan, Refusal } from '../changes/change.ts';
import type { Situation } from '../diagnosis/collectors.ts';
import type { Cause } from '../report/schema.ts';
import { allowContainerSubnet } from './allow-container-subnet.ts';
import { allowOrigin } from './allow-origin.ts';
import { bindAllInterfaces } from './bind-all-interfaces.ts';
import { addHostGateway } from './client/add-host-gateway.ts';
import { setClientUrl } from './client/set-client-url.ts';
import { enableService } from './enable-service.ts';
import { guardPort } from './guard-port.ts';
import { mendOrigins } from './mend-origins.ts';
import { pullModel } from './pull-model.ts';
import type { Planning, Recipe } from './recipe.ts';
import { removeStaleRule } from './remove-stale-rule.ts';
import { setPort } from './set-port.ts';
import { startService } from './start-service.ts';

/**
 * In the order their plans are made, and undone in reverse: a service that was stopped is stopped again last, and the
 * port is opened to containers only after it was closed to everyone else.
 */
export const recipeList: readonly Recipe[] = [
  startService,
  enableService,
  bindAllInterfaces,
  setPort,
  mendOrigins,
  allowOrigin,
  guardPort,
  allowContainerSubnet,
  setClientUrl,
  addHostGateway,
  // Places of rules are worked out with all that was added before it.
  removeStaleRule,
  pullModel,
];

/**
 * Plans what mends these causes: one plan a recipe, each judged by what the machine will be once those before it are
 * done. Empty on a machine that needs nothing.
 * @param only recipe ids; empty or absent means all
 */
export async function planFixes(
  situation: Situation,
  causes: readonly Cause[],
  only: readonly string[] = [],
): Promise<{ plans: Plan[]; refusals: Refusal[] }> {
  const rulesets = await situation.facts.rulesets();
  const listings = rulesets.state === 'seen' ? rulesets.value.listings : undefined;
  const planning: Planning = { ...situation, draft: { listings, files: new Map() } };
  const plans: Plan[] = [];
  const refusals: Refusal[] = [];
  for (const recipe of recipeList) {
    if (only.length > 0 ? !only.includes(recipe.id) : recipe.onDemand) continue;
    const own = causes.filter((cause) => recipe.cures.includes(cause.code));
    if (own.length === 0) continue;
    const outcome = await recipe.plan(planning, own);
    if (outcome.plan && outcome.plan.changes.length > 0) plans.push(outcome.plan);
    refusals.push(...outcome.refusals);
  }
  return { plans, refusals };
}
