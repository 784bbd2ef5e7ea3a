import type { KnownError } from './known-error.ts';

/** Connections that do not come about: no way, no answer, a refusal. */
export const noConnection: readonly KnownError[] = [
  {
    id: 'no-route-to-host',
    says: [['ehostunreach'], ['no route to host'], ['errno 113'], ['os error 113']],
    sample: 'dial tcp 172.17.0.1:11434: connect: no route to host',
    telling: 'symptom',
    meaning:
      'Something on the way turned the packet down, as firewalld does, or nobody has that address. On macOS the privacy setting "Local Network" does the same to single programs.',
    codes: ['firewall-reject', 'reach-unreachable', 'url-stale-gateway'],
    next: 'container',
    source: 'ollama/ollama#8759',
  },
  {
    id: 'network-unreachable',
    says: [['enetunreach'], ['network is unreachable'], ['errno 101']],
    sample: 'connect ENETUNREACH 10.0.2.2:11434 - Local (0.0.0.0:0)',
    telling: 'symptom',
    meaning:
      'Where the client runs there is no route to that address: an internal network, none at all, a rootless network that keeps the host out of reach, or IPv6 that is not there.',
    codes: ['route-missing', 'reach-unreachable'],
    next: 'container',
    source: 'moby/moby#47352',
  },
  {
    id: 'no-local-address',
    says: [
      ['errno 99'],
      ['eaddrnotavail'],
      ['connect: cannot assign requested address'],
      ['not valid in its context'],
    ],
    sample:
      '2024-09-06 03:45:22,363 - ollama - ERROR - Failed to retrieve Ollama model list: [Errno 99] Cannot assign requested address',
    telling: 'symptom',
    meaning:
      'The client tried an address it cannot connect from or to: localhost became ::1 in a container without IPv6, or the URL says 0.0.0.0, which is only for listening.',
    codes: ['url-localhost', 'url-invalid'],
    next: 'container',
    source: 'jonfairbanks/local-rag#65',
  },
  {
    id: 'timed-out-connecting',
    says: [
      ['etimedout'],
      ['und_err_connect_timeout'],
      ['connecttimeout'],
      ['connect timeout'],
      ['curl: (28)'],
      ['dial tcp', 'i/o timeout'],
      ['dial tcp', 'context deadline exceeded'],
      ['while waiting for connection'],
      ['connection to', 'timed out'],
      ['errno 110'],
      ['connection timed out'],
      ['os error 110'],
      ['error 10060'],
      ['did not properly respond'],
    ],
    sample:
      "curl: (28) Failed to connect to 192.168.1.194 port 11434 after 21069 ms: Couldn't connect to server",
    telling: 'symptom',
    meaning:
      'Packets went out and nothing came back: a firewall that drops them, or an address that belongs to nobody.',
    codes: ['firewall-drop', 'route-wrong', 'reach-timeout'],
    at: {
      host: {
        meaning:
          'The name is known, and the host does not answer the container at all: a firewall on the host (ufw, a DROP rule) very often. What Ollama listens on shows only once that is mended.',
        codes: ['firewall-drop', 'bind-loopback', 'route-wrong'],
      },
      bridge: {
        meaning:
          'The host does not answer the container at all: a firewall on the host (ufw, a DROP rule) very often, or that address was the host once and is not any more.',
        codes: ['firewall-drop', 'bind-loopback', 'url-stale-gateway'],
      },
      loopback: {
        meaning:
          'A connection to loopback does not time out in the network: a proxy was asked in place of Ollama, or the server hangs.',
        codes: ['url-localhost', 'proxy-hijack', 'api-timeout'],
      },
    },
    next: 'container',
    source: 'ollama/ollama#6571',
  },
  {
    id: 'connection-refused',
    says: [
      ['econnrefused'],
      ['connection refused'],
      ['connect call failed'],
      ['errno 111'],
      ['errno 61'],
      ['os error 111'],
      ['error 10061'],
      ['actively refused'],
      ["couldn't connect to server"],
      ['curl: (7)'],
      ['connectex:'],
      ['the service refused the connection - perhaps it is offline'],
    ],
    sample:
      "curl: (7) Failed to connect to host.docker.internal port 11434 after 0 ms: Couldn't connect to server",
    telling: 'symptom',
    meaning:
      'The packet arrived at a machine, and there nobody listens on that address and port: Ollama is not running, or listens on loopback alone, or the address is not the host.',
    codes: ['bind-loopback', 'not-running', 'url-wrong-port', 'reach-refused'],
    at: {
      loopback: {
        meaning:
          'The client asked the machine it runs on. Inside a container that is the container itself, where no Ollama runs; outside of one, Ollama is not running.',
        codes: ['url-localhost', 'not-running', 'crash-loop'],
      },
      loopback6: {
        meaning:
          'localhost became the IPv6 address ::1, and Ollama listens on 127.0.0.1; inside a container both are the container itself.',
        codes: ['url-localhost', 'not-running'],
      },
      host: {
        meaning:
          'The container found the host, and nobody listens there on the address it arrives at: Ollama listens on loopback alone, or does not run.',
        codes: ['bind-loopback', 'not-running', 'bind-wrong-port', 'firewall-reject'],
      },
      bridge: {
        meaning:
          'The container found the host, and nobody listens there on the address it arrives at: Ollama listens on loopback alone, or does not run.',
        codes: ['bind-loopback', 'not-running', 'bind-wrong-port', 'firewall-reject'],
      },
      service: {
        meaning:
          'The name is known, and in that container nobody listens on the port: Ollama is not up in it, or the published port was used in place of 11434.',
        codes: ['url-wrong-port', 'not-running', 'bind-loopback'],
      },
    },
    next: 'container',
    source: 'open-webui/open-webui#209',
  },
  {
    id: 'accepted-then-cut',
    says: [
      ['econnreset'],
      ['socket hang up'],
      ['curl: (52)'],
      ['curl: (56)'],
      ['empty reply from server'],
      ['connection reset by peer'],
      ['remote end closed connection'],
      ['server disconnected without sending a response'],
      ['"http', '": eof'],
      ['error 10054'],
    ],
    sample: 'curl: (52) Empty reply from server',
    telling: 'symptom',
    meaning:
      'Something accepted the connection and cut it off: a port forwarding whose target is gone, Docker for a container that does not listen, or TLS meeting plain HTTP.',
    codes: ['reach-reset', 'not-ollama', 'proxy-hijack'],
    next: 'container',
    source: 'ollama/ollama#5008',
  },
];
