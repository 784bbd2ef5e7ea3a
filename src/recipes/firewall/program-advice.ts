import type { RuleGenerator } from '../../facts/network.ts';
import type { RuleReference } from '../../firewall/index.ts';

/** Programs that make and remake rules of their own, and how a person lets a subnet in past each. */
export interface RuleProgram {
  /** Matches the names of its chains and tables. */
  named?: RegExp;
  name: string;
  /** As `generator` of the host's ownership calls it, where a service of its own tells of it. */
  generator?: RuleGenerator;
  /** Its mark in the text of a listing, where it makes all rules of a host, those with anybody's names too. */
  makesAll?: RegExp;
  /** Why it is left to a person, where that is another reason than that the program makes its rules again. */
  reason?: string;
  /** What to type, word for word. */
  advice: (flow: { source: string; subnet: string; port: number; rule: RuleReference }) => string[];
}

/**
 * From each program's own documentation: fail2ban-client(1) and jail.conf(5), `cscli decisions` and CrowdSec's whitelist
 * parser, Calico's FelixConfiguration, kube-proxy's iptables proxier, sshguard(8), csf's readme.txt ("Advanced Allow/Deny
 * Filters"), shorewall-rules(5), shorewall(8) "remote-reload", ferm(1), firehol-server(5), awall's configuration
 * reference ("Filter rules"), OpenWrt's "Firewall configuration /etc/config/firewall".
 */
export const rulePrograms: readonly RuleProgram[] = [
  {
    named: /^f2b-/u,
    name: 'fail2ban (a ban of this very address)',
    advice: ({ source, subnet }) => [
      `sudo fail2ban-client unban ${source}`,
      `in /etc/fail2ban/jail.local, below [DEFAULT]: ignoreip = 127.0.0.1/8 ::1 ${subnet}`,
      'sudo systemctl reload fail2ban',
    ],
  },
  {
    named: /^crowdsec/iu,
    name: 'CrowdSec (a ban of this very address)',
    advice: ({ source, subnet }) => [
      `sudo cscli decisions delete --ip ${source}`,
      `so that it stays out: a whitelist with cidr: ["${subnet}"] in /etc/crowdsec/parsers/s02-enrich/, then: sudo systemctl reload crowdsec`,
    ],
  },
  {
    named: /^(cali-|cali\d|calico)/u,
    name: 'Calico',
    advice: ({ subnet, port }) => [
      `kubectl patch felixconfiguration default --type merge -p '{"spec":{"defaultEndpointToHostAction":"Accept"}}' (for all that pods ask of their host)`,
      `or, where host endpoints are used, a GlobalNetworkPolicy that allows TCP from ${subnet} to port ${port}`,
    ],
  },
  {
    named: /^KUBE-(?:NWPLCY|POD-FW|ROUTER)/u,
    name: 'kube-router',
    advice: ({ port }) => [`a NetworkPolicy whose egress allows TCP to port ${port} of this host`],
  },
  {
    named: /^KUBE-/u,
    name: 'kube-proxy',
    advice: ({ port }) => [
      `its KUBE-FIREWALL keeps others away from 127.0.0.0/8: ask for Ollama at another address of this host, port ${port}`,
    ],
  },
  {
    named: /^CILIUM/u,
    name: 'Cilium',
    advice: ({ port }) => [
      `a CiliumNetworkPolicy whose egress allows toEntities: [host], toPorts: ${port}/TCP`,
    ],
  },
  {
    named: /^sshguard/u,
    name: 'sshguard (a ban of this very address)',
    advice: ({ subnet }) => [
      `add the line ${subnet} to /etc/sshguard/whitelist`,
      'sudo systemctl restart sshguard',
    ],
  },
  {
    named: /^(?:LOCALINPUT|DENYIN|ALLOWIN|LOGDROPIN|INVDROP)$/u,
    makesAll: /^:LOCALINPUT /mu,
    generator: 'csf',
    name: 'csf (ConfigServer Firewall)',
    advice: ({ subnet, port }) => [
      `add the line tcp|in|d=${port}|s=${subnet} to /etc/csf/csf.allow`,
      'sudo csf -r',
    ],
  },
  {
    generator: 'shorewall-lite',
    name: 'Shorewall Lite',
    advice: ({ subnet, port }) => [
      `its rules are made on another machine: there, add the line ACCEPT ZONE:${subnet} $FW tcp ${port} to this host's rules file, where ZONE is the zone of the bridge, then: shorewall remote-reload`,
    ],
  },
  {
    named: /^(?:net-fw|net2fw|fw-net|smurfs|sfilter|logdrop|shorewall)$/u,
    makesAll: /^:(?:net-fw|net2fw|shorewall) /mu,
    generator: 'shorewall',
    name: 'Shorewall',
    advice: ({ subnet, port }) => [
      `add the line ACCEPT ZONE:${subnet} $FW tcp ${port} to /etc/shorewall${subnet.includes(':') ? '6' : ''}/rules, where ZONE is the zone of the bridge (see interfaces beside it; a bridge that is in none needs one)`,
      `sudo shorewall${subnet.includes(':') ? '6' : ''} reload`,
    ],
  },
  {
    generator: 'ferm',
    name: 'ferm',
    advice: ({ subnet, port, rule: { table, chain } }) => [
      `add to /etc/ferm/ferm.conf, ahead of what blocks: domain ${subnet.includes(':') ? 'ip6' : 'ip'} table ${table} chain ${chain} proto tcp dport ${port} saddr ${subnet} ACCEPT;`,
      'sudo systemctl reload ferm',
      restartDocker('ferm', ' (unless ferm.conf has @preserve for them)'),
    ],
  },
  {
    generator: 'firehol',
    name: 'FireHOL',
    advice: ({ subnet, port }) => [
      `add to /etc/firehol/firehol.conf, in the interface block that its packets come in by (interface any, where there is one): server${subnet.includes(':') ? '6' : '4'} custom ollama tcp/${port} any accept src "${subnet}"`,
      'sudo firehol try',
      restartDocker('FireHOL', ''),
    ],
  },
  {
    generator: 'awall',
    name: 'awall',
    advice: ({ subnet, port }) => [
      `write to /etc/awall/optional/ollama.json: { "service": { "ollama": { "proto": "tcp", "port": ${port} } }, "filter": [ { "src": "${subnet}", "out": "_fw", "service": "ollama", "action": "accept" } ] }`,
      'awall enable ollama && awall activate',
    ],
  },
  {
    named: /^fw4$/u,
    name: "OpenWrt's fw4",
    advice: ({ subnet, port }) => [
      'uci add firewall rule',
      "uci set firewall.@rule[-1].name='ollama-doctor'",
      "uci set firewall.@rule[-1].src='*'",
      `uci set firewall.@rule[-1].src_ip='${subnet}'`,
      "uci set firewall.@rule[-1].proto='tcp'",
      `uci set firewall.@rule[-1].dest_port='${port}'`,
      "uci set firewall.@rule[-1].target='ACCEPT'",
      'uci commit firewall && service firewall restart',
    ],
  },
  {
    // ts-input drops all of 100.64.0.0/10 that does not come by tailscale0 (tailscale, util/linuxfw).
    named: /^ts-/u,
    name: 'Tailscale',
    reason:
      "Tailscale keeps out all of 100.64.0.0/10 that does not come by its own interface, and the container's address is one of those",
    advice: ({ subnet, port }) => [
      `give the container's network another subnet than ${subnet} (compose: ipam; Docker: default-address-pools), and make it again`,
      `or let Tailscale lay no rules of its own, and keep port ${port} shut by yours: sudo tailscale set --netfilter-mode=off`,
    ],
  },
  {
    // A person's own rules; what is published has the container's port by then.
    named: /^DOCKER-USER$/u,
    name: 'DOCKER-USER',
    reason:
      'the rule that blocks it is one that somebody put into DOCKER-USER, which holds for what containers publish',
    advice: ({ subnet, port, rule: { family, text } }) => [
      `sudo ${family === 'ip6' ? 'ip6tables' : 'iptables'} -I DOCKER-USER -s ${subnet} -p tcp -m conntrack --ctorigdstport ${port} -j RETURN`,
      `and the same where the rule is kept that blocks: ${text}`,
    ],
  },
  ...(
    [
      [/^(DOCKER|docker-bridges)/u, 'Docker'],
      [/^(NETAVARK|netavark|CNI-)/u, 'Podman'],
      [/^(LIBVIRT_|libvirt_network)/u, 'libvirt'],
    ] as const
  ).map(
    ([named, name]): RuleProgram => ({
      named,
      name,
      advice: ({ subnet, port }) => [`let ${subnet} reach port ${port} in the configuration of ${name}`],
    }),
  ),
];

/** Both lay all chains of iptables anew, those of others too. */
function restartDocker(name: string, unless: string): string {
  return `sudo systemctl restart docker: ${name} takes Docker's chains away with the old rules${unless}`;
}
