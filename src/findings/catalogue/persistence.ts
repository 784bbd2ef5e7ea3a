import type { Group } from '../entry.ts';

/** Codes of the check `persistence`: what the next reboot does. */
export const persistence = {
  'not-persistent': {
    title: 'It works now, and may not after a reboot',
    meaning:
      'Something on the way works only until the next start of the machine: the service is not enabled, a rule is loaded but not saved, or saved where nothing loads it. Or a rule of an earlier fix lets a subnet in that no network has any more: a network that gets it one day would be let in too. Nothing is broken yet.',
    look: [
      { on: 'linux', command: 'systemctl is-enabled ollama', tells: 'disabled' },
      {
        on: 'linux',
        command: 'sudo iptables-save | diff - /etc/iptables/rules.v4',
        tells: 'rules that are only in one of the two',
      },
    ],
    mend: 'Enable the service (`systemctl enable ollama`), and keep rules where they are loaded at boot: ufw, firewalld, /etc/nftables.conf, or (where there is no ufw) the package iptables-persistent.',
    recipes: ['remove-stale-rule', 'enable-service'],
  },
} as const satisfies Group;
