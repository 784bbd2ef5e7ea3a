import type { RuleReference } from '../../firewall/index.ts';
import type { RuleOwner } from './owner.ts';

/**
 * What a person types to let a subnet in where the rules belong to somebody that this version does not speak for yet.
 * ufw(8), firewall-cmd(1) with firewalld.richlanguage(5), nft(8).
 */
export function openByHand(
  owner: Exclude<RuleOwner, { kind: 'iptables' | 'own-guard' | 'firewalld-direct' }>,
  rule: RuleReference,
  subnet: string,
  port: number,
  source: string,
): { reason: string; instructions: string[] } {
  const v6 = subnet.includes(':');
  switch (owner.kind) {
    case 'ufw':
      return {
        reason: 'ufw keeps the rules that block it',
        instructions: [
          `sudo ufw ${rule.rule === null ? '' : 'prepend '}allow from ${subnet} to any port ${port} proto tcp comment ollama-doctor`,
        ],
      };
    case 'firewalld': {
      const rich = `rule family="${v6 ? 'ipv6' : 'ipv4'}" source address="${subnet}" port port="${port}" protocol="tcp" accept`;
      const zone = owner.zone ? ` --zone=${owner.zone}` : '';
      return {
        reason: 'firewalld keeps the rules that block it',
        instructions: [
          `sudo firewall-cmd${zone} --add-rich-rule='${rich}'`,
          `sudo firewall-cmd --permanent${zone} --add-rich-rule='${rich}'`,
        ],
      };
    }
    case 'beside-firewalld': {
      const tool = `${rule.family === 'ip6' ? 'ip6tables' : 'iptables'}${rule.backend === 'legacy' ? '-legacy' : ''}`;
      const table = rule.table === 'filter' ? '' : ` -t ${rule.table}`;
      const words = rule.text.replace(/^(?:\[\d+:\d+\] )?-A /u, '-D ');
      return {
        reason: `a rule that somebody put beside those of firewalld blocks it, and no rule of firewalld's can come ahead of it: ${rule.text}`,
        instructions: [
          rule.rule === null
            ? `firewalld keeps out what it does not name, so that this policy is not needed: sudo ${tool}${table} -P ${rule.chain} ACCEPT`
            : `take it away where it is made (a script, a program), and now: sudo ${tool}${table} ${words}`,
          'then run it again: what firewalld itself says is opened by its own rule',
        ],
      };
    }
    case 'nftables': {
      const at = rule.handle === undefined ? '' : ` position ${rule.handle}`;
      const match = `${v6 ? 'ip6' : 'ip'} saddr ${subnet} tcp dport ${port} accept comment \\"ollama-doctor\\"`;
      const place = `${rule.family} ${rule.table} ${rule.chain}`;
      const verb = rule.rule === null ? 'add' : 'insert';
      return {
        reason: `a rule of nft's own table ${rule.family} ${rule.table} blocks it`,
        instructions: [
          `sudo nft ${verb} rule ${place}${verb === 'insert' ? at : ''} ${match}`,
          'and the same line in /etc/nftables.conf (or wherever that table is kept), ahead of the one that blocks',
        ],
      };
    }
    case 'nixos':
      return {
        reason: 'on NixOS the rules are generated from the configuration',
        instructions: [
          `in configuration.nix: networking.firewall.extraCommands = "iptables -I nixos-fw -s ${subnet} -p tcp --dport ${port} -j nixos-fw-accept";`,
          `or, with networking.nftables.enable: networking.firewall.extraInputRules = "ip saddr ${subnet} tcp dport ${port} accept";`,
          'sudo nixos-rebuild switch',
        ],
      };
    case 'program':
      return {
        reason:
          owner.program.reason ??
          `the rule that blocks it is made by ${owner.program.name}, which would make it again`,
        instructions: owner.program.advice({ source, subnet, port, rule }),
      };
  }
}
