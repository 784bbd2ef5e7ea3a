import type { Change } from '../changes/change.ts';
import { staleRulesOf, whereIs } from '../checks/stale-rules.ts';
import type { HostNetwork, OwnRule } from '../facts/network.ts';
import { controlPackets, verdicts } from './firewall/controls.ts';
import { removal } from './firewall/removal.ts';
import { type Draft, keyOf, type Outcome, type Recipe, refusal } from './recipe.ts';

const id = 'remove-stale-rule';

/**
 * Takes away the rules of earlier fixes for subnets that no network has any more, where each is kept. Only on demand:
 * a network that is down for now may get the same subnet again.
 */
export const removeStaleRule: Recipe = {
  id,
  cures: ['stale-rule'],
  onDemand: true,
  async plan(planning, causes): Promise<Outcome> {
    const { draft, facts } = planning;
    const [network, stale] = await Promise.all([facts.network(), staleRulesOf(facts)]);
    if (network.state !== 'seen' || stale.length === 0) return { refusals: [] };
    const twice = stale.find((rule, index) => stale.slice(0, index).some((one) => isSame(one, rule)));
    if (twice)
      return refusal(id, `the same rule is there twice (${whereIs(twice)}): ${twice.text}`, [
        'take one of the two away by hand, then run it again',
      ]);
    const before: Draft = { listings: draft.listings, files: new Map(draft.files) };
    const changes: Change[] = [];
    // From the last of a chain to the first, so that the places of those ahead stay what they are.
    for (const rule of stale.toReversed()) {
      const made = await removal(planning, rule);
      if ('reason' in made) return refusal(id, made.reason, made.instructions);
      changes.push(...made.changes);
    }
    const flipped = firstFlipped(before, draft, network.value, stale);
    if (flipped !== undefined) {
      Object.assign(draft, before);
      return refusal(id, `without them it would be another who gets in: ${flipped}`, [
        'look at the rules by hand: ollama-doctor firewall --help',
      ]);
    }
    const subnets = [...new Set(stale.map(({ subnet }) => subnet))].join(', ');
    return {
      refusals: [],
      plan: {
        recipe: id,
        cures: causes.map(keyOf),
        changes,
        gainsAccess: [],
        notes: [`${subnets} is let in no more: a network that gets it again needs a fix again`],
      },
    };
  },
};

function isSame(one: OwnRule, other: OwnRule): boolean {
  return (
    whereIs(one).replace(/, rule .*$/u, '') === whereIs(other).replace(/, rule .*$/u, '') &&
    one.text === other.text
  );
}

/** Nobody but those subnets may fare otherwise without the rules. */
function firstFlipped(
  before: Draft,
  after: Draft,
  network: HostNetwork,
  stale: readonly OwnRule[],
): string | undefined {
  const subnets = stale.map(({ subnet }) => subnet);
  for (const port of new Set(stale.map((rule) => rule.port).filter((one) => one > 0))) {
    const controls = controlPackets(network, port, subnets);
    const [was, is] = [before, after].map(({ listings }) => verdicts(listings ?? [], controls, network));
    const found = controls.find((_, index) => was?.[index] !== is?.[index]);
    if (found) return `${found.source} on ${found.inInterface}`;
  }
  return undefined;
}
