import type { FirewallOwnership, RulesetListing } from '../../facts/network.ts';
import type { RuleReference } from '../../firewall/index.ts';
import { guardTable } from '../../path/boot.ts';
import { rulePrograms, type RuleProgram } from './program-advice.ts';
import { chainLines } from './place.ts';
import { isDirectChain } from './firewalld/direct.ts';
import { tablesOf } from './firewalld/zone.ts';

/** Whose the deciding rule is: the rule picks the owner, not whichever tool is installed. */
export type RuleOwner =
  | { kind: 'own-guard' }
  | { kind: 'iptables'; family: 4 | 6; backend: 'nft' | 'legacy'; lines: string[] }
  | { kind: 'ufw' }
  | { kind: 'firewalld'; zone?: string }
  /** By firewalld's direct interface. */
  | { kind: 'firewalld-direct' }
  /** Put by somebody beside firewalld's rules, which are ahead of no such rule. */
  | { kind: 'beside-firewalld' }
  | { kind: 'nftables' }
  | { kind: 'nixos' }
  /** Made and remade by a program: an edit would not last, or would break it. */
  | { kind: 'program'; program: RuleProgram };

/**
 * Names the owner of the rule (or policy) that decided about a packet.
 * @param listings what the rule's place was found in
 */
export function ownerOf(
  rule: RuleReference,
  ownership: FirewallOwnership | undefined,
  listings: readonly RulesetListing[],
): RuleOwner {
  const { table, chain, family, backend } = rule;
  if (table === guardTable) return { kind: 'own-guard' };
  if (table === 'firewalld') {
    const zone = /^filter_(?:IN|INPUT)_([^_]+(?:_zone)?)/u.exec(chain)?.[1];
    return { kind: 'firewalld', ...(zone && !/^(?:ZONES|POLICIES)$/u.test(zone) ? { zone } : {}) };
  }
  if (ownership?.owner === 'firewalld') {
    if (isDirectChain(chain)) return { kind: 'firewalld-direct' };
    const own = underFirewalld(rule, listings);
    if (own) return own;
  }
  if (/^ufw6?-/u.test(chain)) return { kind: 'ufw' };
  if (chain.startsWith('nixos-fw') || table.startsWith('nixos-fw')) return { kind: 'nixos' };
  const program = rulePrograms.find(({ named }) => named?.test(chain) || named?.test(table));
  if (program) return { kind: 'program', program };
  const generator = rulePrograms.find(
    ({ generator: name, makesAll }) =>
      (name !== undefined && name === ownership?.generator) ||
      (makesAll && listings.some(({ format, text }) => format !== 'nft-json' && makesAll.test(text))),
  );
  if (generator && (family === 'ip' || family === 'ip6')) return { kind: 'program', program: generator };
  if (ownership?.owner === 'nixos') return { kind: 'nixos' };
  // A policy of ufw's, or a rule that somebody put beside its chains: either is opened by ufw, or not by us.
  if (ownership?.owner === 'ufw') return { kind: 'ufw' };
  const version = family === 'ip6' ? 6 : 4;
  const lines =
    family === 'ip' || family === 'ip6'
      ? chainLines(listings, { family: version, backend, table, chain })
      : undefined;
  if (lines && chain !== chain.toLowerCase()) return { kind: 'iptables', family: version, backend, lines };
  if (lines && isUserChain(listings, rule)) return { kind: 'iptables', family: version, backend, lines };
  return { kind: 'nftables' };
}

/** firewalld's own chains where it lays them in iptables, and what of iptables' is not its own. */
function underFirewalld(
  { backend, family, table, chain, text }: RuleReference,
  listings: readonly RulesetListing[],
): RuleOwner | undefined {
  if (family !== 'ip' && family !== 'ip6') return undefined;
  if (rulePrograms.some(({ named }) => named?.test(chain) || named?.test(table))) return undefined;
  const tables = tablesOf(listings);
  const isInIptables = tables?.kind === 'iptables' && tables.backend === backend;
  const zone = /^IN_(.+?)(?:_(?:pre|log|deny|allow|post))?$/u.exec(chain)?.[1];
  if (isInIptables && zone !== undefined) return { kind: 'firewalld', zone };
  // The last of INPUT, for what no zone took (ipXtables.py, `build_default_rules`).
  if (isInIptables && (/^INPUT_(?:POLICIES|ZONES)/u.test(chain) || isLastOfInput(chain, text)))
    return { kind: 'firewalld' };
  const lines = chainLines(listings, { family: family === 'ip6' ? 6 : 4, backend, table, chain });
  return lines === undefined || chain === chain.toLowerCase() ? undefined : { kind: 'beside-firewalld' };
}

function isLastOfInput(chain: string, text: string): boolean {
  return chain === 'INPUT' && /^(?:\[\d+:\d+\] )?-A INPUT -j (?:REJECT|DROP)\b/u.test(text);
}

/** A chain of a person's, with a name in small letters, in a table that iptables made. */
function isUserChain(
  listings: readonly RulesetListing[],
  { family, backend, table }: RuleReference,
): boolean {
  const version = family === 'ip6' ? 6 : 4;
  return ['INPUT', 'PREROUTING', 'OUTPUT'].some(
    (chain) => chainLines(listings, { family: version, backend, table, chain }) !== undefined,
  );
}
