import type { RuleReference } from './types.ts';

/** Who writes a rule, told by the names of its table and chain and by its comment. */
export type Owner =
  | 'ufw'
  | 'firewalld'
  | 'docker'
  | 'podman'
  | 'fail2ban'
  | 'crowdsec'
  | 'kubernetes'
  | 'calico'
  | 'cilium'
  | 'libvirt'
  | 'lxd'
  | 'nixos'
  | 'tailscale'
  | 'openwrt'
  | 'shorewall'
  | 'csf'
  | 'ollama-doctor';

type Place = Pick<RuleReference, 'table' | 'chain'> & Partial<Pick<RuleReference, 'text' | 'family'>>;

const BY_TABLE: readonly (readonly [RegExp, Owner])[] = [
  [/^firewalld/, 'firewalld'],
  [/^docker(-bridges)?$/, 'docker'],
  [/^netavark$/, 'podman'],
  [/^f2b-/, 'fail2ban'],
  [/^crowdsec6?$/, 'crowdsec'],
  [/^nixos-fw|^nixos-nat/, 'nixos'],
  [/^kube-proxy|^kube-router/, 'kubernetes'],
  [/^calico/, 'calico'],
  [/^libvirt_network/, 'libvirt'],
  [/^(lxd|incus)$/, 'lxd'],
  [/^ollama_doctor/, 'ollama-doctor'],
  [/^fw4$/, 'openwrt'],
];

/** ufw's are `ufw-…` and `ufw6-…`; firewalld with its iptables back end has `IN_public_allow`, `INPUT_ZONES`, … */
const BY_CHAIN: readonly (readonly [RegExp, Owner])[] = [
  [/^ufw6?-/, 'ufw'],
  [/^DOCKER($|-)/, 'docker'],
  [/^NETAVARK|^CNI-/, 'podman'],
  [/^(f2b|fail2ban)-/, 'fail2ban'],
  [/^CROWDSEC|^crowdsec/, 'crowdsec'],
  [/^KUBE-/, 'kubernetes'],
  [/^cali-|^califw-/, 'calico'],
  [/^CILIUM_|^OLD_CILIUM_/, 'cilium'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^ts-(input|forward|postrouting)/, 'tailscale'],
  [/^nixos-fw/, 'nixos'],
  [
    /^(filter|mangle|nat|raw)_(IN|FWD|FWDI|FWDO|PRE|POST|INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_/,
    'firewalld',
  ],
  [
    /^(IN|FWDI|FWDO|PRE|POST)_[^_]+(_(pre|log|deny|allow|post))?$|^(INPUT|FORWARD|PREROUTING|POSTROUTING)_(ZONES|direct)/,
    'firewalld',
  ],
  [/^(LOCALINPUT|DENYIN|ALLOWIN|INVDROP)$/, 'csf'],
  [/^(net-fw|loc-fw|sfilter|smurfs|tcpflags|logdrop|dynamic)$/, 'shorewall'],
];

/**
 * Who keeps the rule or chain, as far as names tell.
 * @returns null for names that no known tool uses: rules written by hand
 */
export function ownerOf(place: Place): Owner | null {
  if (place.text !== undefined && /comment "?ollama-doctor/.test(place.text)) return 'ollama-doctor';
  for (const [pattern, owner] of BY_TABLE) if (pattern.test(place.table)) return owner;
  for (const [pattern, owner] of BY_CHAIN) if (pattern.test(place.chain)) return owner;
  return null;
}

/** firewalld's zone that a chain belongs to; null for chains of no zone. */
export function firewalldZone(chain: string): string | null {
  const found = /^(?:filter_)?IN_(.+?)(?:_(?:pre|log|deny|allow|post))?$/.exec(chain);
  return found ? (found[1] ?? null) : null;
}

function ufwWords(reference: RuleReference): string | null {
  if (reference.rule === null) return null;
  if (/^ufw6?-user-input$/.test(reference.chain)) {
    const port = /--dports? (\S+)/.exec(reference.text)?.[1];
    const from = /(?:^| )-s (\S+)/.exec(reference.text)?.[1];
    const on = /(?:^| )-i (\S+)/.exec(reference.text)?.[1];
    const action = /-j (DROP|REJECT|ACCEPT)/.exec(reference.text)?.[1];
    if (action === undefined) return `ufw rule (${reference.text})`;
    const verb = { DROP: 'deny', REJECT: 'reject', ACCEPT: 'allow' }[action];
    return `ufw rule: ${verb}${on ? ` in on ${on}` : ''}${from ? ` from ${from}` : ''}${port ? ` to any port ${port}` : ''}`;
  }
  if (reference.chain.endsWith('skip-to-policy-input')) return "ufw's default policy for incoming packets";
  if (reference.chain.endsWith('reject-input')) return "ufw's default policy for incoming packets (reject)";
  return `ufw's own chain ${reference.chain}`;
}

/** The deciding rule the way the keeper of the ruleset would recognise it: one line, without the raw rule's text. */
export function describeRule(reference: RuleReference): string {
  const owner = ownerOf(reference);
  const where =
    reference.rule === null
      ? `the policy of chain ${reference.chain} (${reference.family} table ${reference.table})`
      : `rule ${reference.rule} of chain ${reference.chain} (${reference.family} table ${reference.table}${reference.handle === undefined ? '' : `, handle ${reference.handle}`})`;
  if (owner === 'ufw') return ufwWords(reference) ?? where;
  if (owner === 'firewalld') {
    const policy = /^filter_IN_policy_(.+?)(?:_(?:pre|log|deny|allow|post))?$/.exec(reference.chain)?.[1];
    if (policy !== undefined) return `firewalld policy ${policy}, ${where}`;
    if (reference.chain.endsWith('_direct')) return `a direct rule of firewalld, ${where}`;
    const zone = firewalldZone(reference.chain);
    return zone === null ? `firewalld, ${where}` : `firewalld zone ${zone}, ${where}`;
  }
  return owner === null ? where : `${owner}, ${where}`;
}

/**
 * Is the policy that decided there because of ufw? ufw's default policy is the built-in chain's own, so that a
 * packet ufw drops by default shows as decided by the policy of INPUT.
 * @param text the listing the deciding chain is in
 */
export function isUfwPolicy(reference: RuleReference, text: string): boolean {
  return (
    reference.rule === null &&
    /^(INPUT|FORWARD|OUTPUT)$/.test(reference.chain) &&
    /ufw6?-user-input/.test(text)
  );
}
