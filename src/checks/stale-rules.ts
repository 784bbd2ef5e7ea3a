import type { Facts } from '../diagnosis/collectors.ts';
import type { Finding } from '../engine/check.ts';
import type { OwnRule } from '../facts/network.ts';
import { ownRules, staleRules } from '../path/own-rules.ts';

/** Rules of ours for subnets that no network has any more; none where that cannot be told. */
export async function staleRulesOf(facts: Facts): Promise<OwnRule[]> {
  const [rulesets, ownership, network] = await Promise.all([
    facts.rulesets(),
    facts.ownership(),
    facts.network(),
  ]);
  if (rulesets.state !== 'seen' || network.state !== 'seen') return [];
  const own = ownRules(rulesets.value.listings, ownership.state === 'seen' ? ownership.value : undefined);
  if (own.length === 0) return [];
  const subnets = await facts.subnets();
  return subnets.state === 'seen' ? staleRules(own, subnets.value, network.value) : [];
}

/** The warning about them; undefined where there are none. */
export function staleFinding(rules: readonly OwnRule[]): Finding | undefined {
  if (rules.length === 0) return undefined;
  const subnets = [...new Set(rules.map(({ subnet }) => subnet))];
  const ports = [...new Set(rules.map(({ port }) => port))].filter((port) => port > 0);
  const [are, them] = subnets.length === 1 ? ['that subnet', 'it'] : ['those subnets', 'them'];
  return {
    status: 'warn',
    code: 'stale-rule',
    summary: `a rule of an earlier fix still lets ${subnets.join(', ')} reach port ${ports.join(', ')}, and no network has ${are} any more`,
    evidence: rules.map((rule) => ({ source: whereIs(rule), text: rule.text })),
    recipe: 'remove-stale-rule',
    instructions: [
      'take it away: sudo ollama-doctor fix --fix-only remove-stale-rule',
      `or leave it, where the network is only down for now (docker compose down) and gets ${them} again`,
    ],
  };
}

/** The place in the words of the tool that shows it. */
export function whereIs({ place }: OwnRule): string {
  switch (place.kind) {
    case 'iptables': {
      const tool = `${place.family === 6 ? 'ip6tables' : 'iptables'}${place.backend === 'legacy' ? '-legacy' : ''}`;
      return `${tool} -t ${place.table}, chain ${place.chain}, rule ${place.position}`;
    }
    case 'nft':
      return `nft table ${place.family} ${place.table}, chain ${place.chain}, rule ${place.position} (handle ${place.handle})`;
    case 'guard':
      return 'the table that guards the port (/etc/ollama-doctor/guard.nft)';
    case 'file':
      return place.path;
    case 'ufw':
      return 'ufw show added';
    case 'firewalld':
      return `firewall-cmd${place.kept ? ' --permanent' : ''} --${place.at}=${place.zone} --list-rich-rules`;
  }
}
