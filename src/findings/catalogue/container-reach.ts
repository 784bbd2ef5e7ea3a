import type { Group } from '../entry.ts';

/** Codes of the check `container-reach`: what a container saw; causes only when nothing else explains them. */
export const containerReach = {
  'reach-refused': {
    title: 'The container is refused',
    meaning:
      'The connection from inside the container was refused at once: the packet arrived at a machine, and there nobody listens on that address and port. Nothing else that was looked at explains it.',
    look: [
      { command: 'docker exec NAME curl -v URL', tells: 'Connection refused, and by which address' },
      { on: 'linux', command: 'ss -ltnp', tells: 'who listens, on which address and port' },
    ],
    mend: 'Compare the address that refused with those Ollama listens on; one of the two has to change.',
    recipes: [],
  },
  'reach-timeout': {
    title: 'The container gets no answer',
    meaning:
      'The connection from inside the container timed out: packets go out and nothing comes back. A firewall that drops, here or on the way, does that; so does an address that belongs to nobody.',
    look: [
      { command: 'docker exec NAME curl -v -m 5 URL', tells: 'timed out, and at which address' },
      {
        on: 'linux',
        command: 'sudo tcpdump -ni any port 11434',
        tells: 'whether the packets arrive, and where the answers go',
      },
    ],
    mend: 'If no rule of this host drops it, look at the address itself, at other firewalls on the way, and at routes that overlap with a VPN.',
    recipes: [],
  },
  'reach-unreachable': {
    title: 'The container cannot find a way',
    meaning:
      'The connection from inside the container failed with "No route to host" or "Network is unreachable". Either there is no route, or something on the way turned the packet down.',
    look: [{ command: 'docker exec NAME ip route', tells: 'whether a route leads to that address' }],
    mend: 'Check the networks of the container, and the firewall of the machine that has the address.',
    recipes: [],
  },
  'reach-reset': {
    title: 'The connection is accepted and cut off',
    meaning:
      "Something accepts the connection from the container and closes it without an answer: a port forwarding whose target is gone, Docker's proxy for a container that does not listen, or TLS meeting plain HTTP.",
    look: [
      {
        command: 'docker exec NAME curl -v URL',
        tells: 'Empty reply from server, or Connection reset by peer',
      },
      { on: 'linux', command: 'sudo ss -ltnp | grep 11434', tells: 'docker-proxy, or another forwarder' },
    ],
    mend: 'Look at what the forwarder points to; start its target, or remove the forwarding.',
    recipes: [],
  },
  'reach-http': {
    title: 'The container reaches something, and the answer is wrong',
    meaning:
      "The container's request was answered, and not as Ollama answers: an HTTP error, or a page of something else. The network works; the question or the one who answers is wrong.",
    look: [
      { command: 'docker exec NAME curl -i URL/api/version', tells: 'the status, and who signs the answer' },
    ],
    mend: 'Ask the same from the host. If it works there, a proxy or another server stands in between for the container.',
    recipes: [],
  },
  'start-order': {
    title: 'A service does not wait until Ollama answers',
    meaning:
      'By depends_on alone compose waits until the other container is started, which is some seconds before Ollama answers in it. A program that asks once at its start, or pulls a model then, meets a refusal. To wait for an answer takes a healthcheck of the Ollama service and the condition service_healthy. A condition without a healthcheck keeps the service from starting at all.',
    look: [
      { command: 'docker compose config SERVICE', tells: 'depends_on with condition: service_started' },
      {
        command: 'docker inspect NAME --format "{{json .State.Health}}"',
        tells: 'null where there is no healthcheck',
      },
    ],
    mend: 'Give the Ollama service `healthcheck: {test: ["CMD", "ollama", "list"], interval: 10s, retries: 10}`, as its image has no curl, and the other one `depends_on: {ollama: {condition: service_healthy}}`.',
    recipes: [],
  },
  'container-down': {
    title: 'The container itself does not run',
    meaning:
      'The container that wants Ollama has ended, was never started, or starts over and over, so nothing can be asked from inside it. What is said of its way to Ollama was seen by a container of the doctor’s own, on the same network and with the same names, that was removed again. A program that gives up when it cannot reach Ollama looks just so: mend that first, then start it.',
    look: [
      { command: 'docker ps -a --filter name=NAME', tells: 'Exited or Restarting, with the exit code' },
      { command: 'docker logs --tail 50 NAME', tells: 'why it ended' },
    ],
    mend: 'Mend what its log complains of, then `docker start NAME`. A restart alone keeps its old settings.',
    recipes: [],
  },
} as const satisfies Group;
