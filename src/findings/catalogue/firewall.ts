import type { Group } from '../entry.ts';

/** Codes of the check `firewall`: the rule that decides about the client's packets. */
export const firewall = {
  'firewall-drop': {
    title: 'A firewall rule drops packets to Ollama',
    meaning:
      "A rule of this host, or the policy of a chain, throws away what the container sends to Ollama's port, and nobody is told: the client waits until it times out. Packets from a container to the host pass the chain INPUT, so rules in DOCKER-USER or FORWARD do not help.",
    look: [
      {
        on: 'linux',
        command: 'sudo iptables -L INPUT -n -v --line-numbers',
        tells: 'a DROP whose counter grows, or policy DROP',
      },
      { on: 'linux', command: 'sudo nft list ruleset', tells: 'the same where nftables is used' },
      { command: 'docker exec NAME curl -m 5 URL', tells: 'timed out, not refused' },
    ],
    mend: "Let the container's subnet through to that port, ahead of the rule that drops: `ufw allow from 172.18.0.0/16 to any port 11434 proto tcp`, or `iptables -I INPUT -s 172.18.0.0/16 -p tcp --dport 11434 -j ACCEPT`, and save it. By subnet, as a bridge's name changes when compose makes it again.",
    recipes: ['allow-container-subnet'],
  },
  'firewall-reject': {
    title: 'A firewall rule turns packets to Ollama away',
    meaning:
      'A rule of this host answers what the container sends to Ollama\'s port with a refusal: "No route to host", or "connection refused" although Ollama listens there. firewalld does so by default for zones that do not allow the port.',
    look: [
      {
        on: 'linux',
        command: 'sudo iptables -L INPUT -n -v --line-numbers',
        tells: 'a REJECT whose counter grows',
      },
      { on: 'linux', command: 'sudo firewall-cmd --get-active-zones', tells: 'the zone the bridge is in' },
    ],
    mend: "Let the container's subnet through to that port, ahead of the rule that rejects; with firewalld by a rich rule or the zone of the subnet, and permanently.",
    recipes: ['allow-container-subnet'],
  },
} as const satisfies Group;
