import type { RuleReference } from '../../../firewall/index.ts';

/**
 * What a person types where a rule of ufw's would come too late: a rule of the administrator's own in before.rules or
 * after.rules (ufw-framework(8)) is passed in that very file; any other stands where somebody put it.
 */
export function besideUfw(by: RuleReference, subnet: string, port: number): string[] {
  const [, six = '', when] = /^ufw(6?)-(before|after)-/u.exec(by.chain) ?? [];
  if (when === undefined || by.rule === null)
    return [`put a rule for ${subnet} and port ${port} ahead of it, where that rule is kept`];
  const file = `/etc/ufw/${when}${six}.rules`;
  const words = by.text.replace(/^\[\d+:\d+\] /u, '');
  return [
    `in ${file}, ahead of the line for ${words}: -A ${by.chain} -s ${subnet} -p tcp --dport ${port} -j ACCEPT`,
    'sudo ufw reload',
  ];
}
