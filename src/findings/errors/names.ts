import type { KnownError } from './known-error.ts';

/** Names that lead nowhere, and settings that are no URL. */
export const names: readonly KnownError[] = [
  {
    id: 'host-gateway-unknown',
    says: [['unable to derive the ip value for host-gateway']],
    sample: 'docker: Error response from daemon: unable to derive the IP value for host-gateway',
    telling: 'reason',
    meaning:
      'The engine has no address to give for host-gateway, since its default bridge is off and none is configured.',
    codes: ['dns-missing', 'runtime-unavailable'],
    next: 'container',
    source: 'moby/moby daemon/daemon_unix.go (setHostGatewayIP)',
  },
  {
    id: 'registry-unknown',
    says: [
      ['lookup registry.ollama.ai', 'no such host'],
      ['lookup registry.ollama.ai', 'server misbehaving'],
    ],
    sample:
      'Error: pull model manifest: Get "https://registry.ollama.ai/v2/library/llama3/manifests/latest": dial tcp: lookup registry.ollama.ai: no such host',
    telling: 'reason',
    meaning:
      'Ollama was reached, and cannot look up its own registry to pull a model: the name server or the way out of the machine, or the container, that Ollama runs on. It is not between the client and Ollama.',
    codes: ['model-missing'],
    next: 'model',
    source: 'ollama/ollama server/images.go (pullModelManifest)',
  },
  {
    id: 'name-try-again',
    says: [['eai_again'], ['temporary failure in name resolution'], ['lookup', 'server misbehaving']],
    sample: 'Error: Head "http://llm:11434/": dial tcp: lookup llm on 127.0.0.11:53: server misbehaving',
    telling: 'reason',
    meaning:
      "The container's DNS could not answer for the name: mostly a service on another network, or one that is not running.",
    codes: ['dns-missing', 'url-alias'],
    next: 'container',
    source: 'docker/genai-stack#76',
  },
  {
    id: 'name-unknown',
    says: [
      ['enotfound'],
      ['lookup', 'no such host'],
      ['name or service not known'],
      ['could not resolve host'],
      ['nodename nor servname provided'],
      ['getaddrinfo failed'],
      ['no address associated with hostname'],
      ['failed to resolve', 'name'],
      ['name does not resolve'],
      ['bad address', ':11434'],
      ['usually occurs due to an incorrect host (domain) value'],
    ],
    sample: 'getaddrinfo ENOTFOUND host.docker.internal',
    telling: 'reason',
    meaning: 'The name in the URL cannot be turned into an address where the client runs.',
    codes: ['dns-missing', 'url-alias'],
    at: {
      host: {
        meaning:
          'The container does not know this name for the host. Docker on Linux gives it only to containers that have extra_hosts with host-gateway.',
        codes: ['dns-missing', 'url-alias'],
      },
      service: {
        meaning:
          'No container of this name is on a network of the client: another network, another name, or it does not run.',
        codes: ['dns-missing', 'url-alias', 'not-running'],
      },
    },
    next: 'container',
    source: 'coleam00/ai-agents-masterclass#43',
  },
  {
    id: 'not-a-url',
    says: [
      ['failed to parse url'],
      ['unsupported protocol scheme'],
      ["missing an 'http://' or 'https://' protocol"],
      ['no connection adapters were found for'],
      ['first path segment in url cannot contain colon'],
      ['err_invalid_url'],
    ],
    sample: "httpx.UnsupportedProtocol: Request URL is missing an 'http://' or 'https://' protocol.",
    telling: 'reason',
    meaning:
      'What was configured is not a URL: http:// is missing or misspelt, or a variable in it was never filled in.',
    codes: ['url-invalid'],
    next: 'container',
    source: 'encode/httpcore httpcore/_sync/connection_pool.py',
  },
];
