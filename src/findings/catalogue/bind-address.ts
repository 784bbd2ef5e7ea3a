import type { Group } from '../entry.ts';

/** Codes of the check `bind-address`: where Ollama listens. */
export const bindAddress = {
  'bind-loopback': {
    title: 'Ollama is set to loopback only',
    meaning:
      "Ollama takes connections to 127.0.0.1 (or ::1) and to no other address: its default. A container is not on the host's loopback: it arrives at the address of a bridge such as 172.17.0.1, where nobody listens, and is refused. From the host everything looks fine meanwhile.",
    look: [
      {
        on: 'linux',
        command: 'ss -ltnp | grep 11434',
        tells: '127.0.0.1:11434, where *:11434 or 0.0.0.0:11434 is needed',
      },
      {
        on: 'linux',
        command: 'systemctl show ollama -p Environment',
        tells: 'no OLLAMA_HOST, or one with 127.0.0.1 or localhost',
      },
      { on: 'macos', command: 'lsof -nP -iTCP:11434 -sTCP:LISTEN', tells: '127.0.0.1:11434' },
    ],
    mend: 'Set OLLAMA_HOST=0.0.0.0:11434 for the service (on Linux in a systemd drop-in, not in the unit, which the next upgrade rewrites) and restart it. Ollama has no authentication, so close the port to everybody else in the same step.',
    recipes: ['bind-all-interfaces'],
  },
  'bind-unreachable-address': {
    title: 'Ollama listens on an address the client does not arrive at',
    meaning:
      'Ollama is bound to one address of this host, and the client connects to another one. A listener on a single address answers there alone. It also fails to start when that address is not up yet, as with a bridge or a VPN at boot.',
    look: [
      { on: 'linux', command: 'ss -ltnp | grep 11434', tells: 'the one address it listens on' },
      { command: 'docker exec NAME getent hosts host.docker.internal', tells: 'the address the client uses' },
    ],
    mend: 'Have Ollama listen on all addresses (OLLAMA_HOST=0.0.0.0:11434) behind a firewall rule, or give the client the address it does listen on.',
    recipes: ['bind-all-interfaces'],
  },
  'bind-dual-stack': {
    title: 'Ollama in WSL listens where Docker Desktop does not arrive',
    meaning:
      "Docker Desktop's containers reach a program in a WSL distribution over Windows' loopback and WSL's relay. The relay does not pass IPv4 connections on to a socket that takes IPv6 and IPv4 at once, and that is what OLLAMA_HOST=0.0.0.0 gives (microsoft/WSL issue 4851). The setting that Docker Engine needs breaks Docker Desktop.",
    look: [
      { on: 'linux', command: 'ss -ltnp | grep 11434', tells: '*:11434 in place of 127.0.0.1:11434' },
      { on: 'linux', command: 'docker info --format "{{.OperatingSystem}}"', tells: 'Docker Desktop' },
    ],
    mend: 'Unset OLLAMA_HOST for Ollama in the distribution and restart it: on 127.0.0.1:11434, its default, containers of Docker Desktop reach it at http://host.docker.internal:11434.',
    recipes: [],
  },
  'bind-wrong-port': {
    title: 'Ollama listens on another port than 11434',
    meaning:
      'The client asks for the usual port 11434, and Ollama was told to listen elsewhere. `OLLAMA_HOST=http://0.0.0.0` does that without a word: with http:// in front the default is port 80, with https:// it is 443.',
    look: [
      { on: 'linux', command: 'ss -ltnp | grep ollama', tells: 'the port it listens on' },
      {
        on: 'linux',
        command: 'systemctl show ollama -p Environment',
        tells: 'OLLAMA_HOST with another port, or with http:// and none',
      },
    ],
    mend: "Set OLLAMA_HOST without a scheme and with the port, for example 0.0.0.0:11434, and restart; or put the other port into the client's URL. A port that was written down is left alone by the recipe: others may count on it.",
    recipes: ['set-port', 'bind-all-interfaces'],
  },
} as const satisfies Group;
