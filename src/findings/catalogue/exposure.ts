import type { Group } from '../entry.ts';

/** Codes of the check `exposure`: who else can reach Ollama. */
export const exposure = {
  exposed: {
    title: 'Ollama is open to others than the containers',
    meaning:
      'Ollama listens beyond loopback, and no rule of this host keeps others out. Ollama has no authentication: whoever reaches the port can run, pull and delete models. A firewall of the provider, or a router in front, cannot be seen from here.',
    look: [
      { on: 'linux', command: 'ss -ltn | grep 11434', tells: '*:11434 or 0.0.0.0:11434' },
      {
        command: 'curl http://PUBLIC-ADDRESS:11434/api/version',
        tells: 'an answer, when asked from another machine',
      },
    ],
    mend: 'Close the port to all but loopback and the containers, for IPv4 and IPv6; or listen on loopback only where no container needs it.',
    recipes: ['guard-port'],
  },
} as const satisfies Group;
