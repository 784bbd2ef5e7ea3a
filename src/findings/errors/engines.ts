import type { KnownError } from './known-error.ts';

/** What keeps a person, or the doctor, from looking into containers. */
export const engines: readonly KnownError[] = [
  {
    id: 'engine-denied',
    says: [
      ['permission denied while trying to connect to the docker', 'socket'],
      ['permission denied while trying to connect to the docker api'],
      ['got permission denied while trying to connect'],
    ],
    sample:
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/containers/json": dial unix /var/run/docker.sock: connect: permission denied',
    telling: 'reason',
    meaning: 'Docker runs, and this user may not ask it. It says nothing about Ollama.',
    codes: ['runtime-denied'],
    next: 'host',
    source: 'docker/cli client/errors.go',
  },
  {
    id: 'engine-down',
    says: [
      ['cannot connect to the docker daemon'],
      ['failed to connect to the docker api'],
      ['cannot connect to podman'],
      ['unable to connect to podman'],
    ],
    sample:
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    telling: 'reason',
    meaning: 'The container engine does not answer at its socket.',
    codes: ['runtime-unavailable'],
    next: 'host',
    source: 'moby/moby client/errors.go',
  },
];
