import type { Group } from '../entry.ts';

/** Codes of the check `persistence`: what the next reboot does. */
export const persistence = {
  'not-persistent': {
    title: 'A reboot will change what works or is shut now',
    meaning:
      'Something on the way works only until the next start of the machine: the service is not enabled, a rule is loaded but not saved, or saved where nothing loads it. Nothing is broken yet.',
    look: [
      { on: 'linux', command: 'systemctl is-enabled ollama', tells: 'disabled' },
      {
        on: 'linux',
        command: 'sudo iptables-save | diff - /etc/iptables/rules.v4',
        tells: 'rules that are only in one of the two',
      },
    ],
    mend: 'Enable the service (`systemctl enable ollama`), and keep rules where they are loaded at boot: ufw, firewalld, /etc/nftables.conf, or (where there is no ufw) the package iptables-persistent.',
    recipes: ['enable-service'],
  },
  'stale-rule': {
    title: 'A rule of an earlier fix lets in a subnet that nobody has',
    meaning:
      'A rule that ollama-doctor made still lets a subnet reach the port, and no container network has that subnet now. Nothing is broken by it; a network that gets the subnet one day would be let in too.',
    look: [
      {
        on: 'linux',
        command: 'docker network inspect $(docker network ls -q) | grep Subnet',
        tells: 'none is the one of the rule',
      },
      {
        on: 'linux',
        command: 'sudo iptables-save | grep ollama-doctor',
        tells: 'the rule, where iptables has it',
      },
    ],
    mend: 'Take the rule away where it is kept, in force and saved. Leave it where the network is only down for now and will get the same subnet again.',
    recipes: ['remove-stale-rule'],
  },
} as const satisfies Group;
