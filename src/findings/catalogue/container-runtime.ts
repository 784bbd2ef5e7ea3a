import type { Group } from '../entry.ts';

/** Codes of the check `container-runtime`: whether Docker or Podman can be asked. */
export const containerRuntime = {
  'runtime-unavailable': {
    title: 'The container engine does not answer',
    meaning:
      'Docker or Podman is set up here, and nothing answers at its socket, so containers can neither be listed nor looked into. Usually the engine is stopped; sometimes DOCKER_HOST or a Docker context points at a place that is gone.',
    look: [
      { command: 'docker info', tells: 'Cannot connect to the Docker daemon, and at which address' },
      { command: 'docker context ls', tells: 'which endpoint is in use' },
      { on: 'linux', command: 'systemctl status docker', tells: 'whether it runs' },
    ],
    mend: 'Start it (`systemctl start docker`, Docker Desktop, `podman machine start`, `systemctl --user start podman.socket`), or correct DOCKER_HOST or the context.',
    recipes: [],
  },
  'runtime-denied': {
    title: 'No permission to ask the container engine',
    meaning:
      'The engine runs, and its socket is not open to this user. That says nothing about Ollama; it only keeps the doctor from looking into containers.',
    look: [
      { command: 'docker ps', tells: 'permission denied while trying to connect' },
      {
        on: 'linux',
        command: 'ls -l /var/run/docker.sock; id',
        tells: 'the group of the socket, and whether you are in it',
      },
    ],
    mend: 'Run the doctor with sudo. Membership of the group docker works too (`usermod -aG docker USER`, then log in again), and is as good as root.',
    recipes: [],
  },
} as const satisfies Group;
