import type { Group } from '../entry.ts';

/** Codes of the check `port-owner`: who holds the port. */
export const portOwner = {
  'port-conflict': {
    title: 'Something else holds the port that Ollama wants',
    meaning:
      'Another process already listens on the port, so the Ollama service cannot: it ends with "address already in use", and may be restarted for ever. Often the other one is a second Ollama: one started by hand, the desktop app, or a container with a published port. Clients then talk to that one, with other models in it.',
    look: [
      { on: 'linux', command: 'sudo ss -ltnp | grep 11434', tells: 'the process that holds the port' },
      { on: 'linux', command: 'journalctl -u ollama -n 20', tells: 'bind: address already in use' },
      { command: 'docker ps --filter publish=11434', tells: 'a container that published the port' },
    ],
    mend: 'Decide which of the two is wanted, and stop the other (`kill`, `docker stop NAME`, quit the app); or give one of them another port by OLLAMA_HOST. Which one cannot be guessed, so no recipe does it.',
    recipes: [],
  },
  'port-reserved': {
    title: 'The system keeps the port to itself',
    meaning:
      'Nobody listens on the port, and still it cannot be taken: Windows has reserved the range it lies in (for Hyper-V and WSL), or a port forwarding of the system owns it. Ollama ends with "forbidden by its access permissions".',
    look: [
      {
        on: 'windows',
        command: 'netsh interface ipv4 show excludedportrange protocol=tcp',
        tells: 'a range with 11434 in it',
      },
      {
        on: 'windows',
        command: 'netsh interface portproxy show all',
        tells: 'a forwarding that listens on 11434',
      },
    ],
    mend: 'As an administrator: `net stop winnat`, start Ollama, `net start winnat`; or delete the forwarding (`netsh interface portproxy delete v4tov4 …`); or choose another port by OLLAMA_HOST.',
    recipes: [],
  },
} as const satisfies Group;
