import type { Group } from '../entry.ts';

/** Codes of the check `client-url`: the URL a client was given. */
export const clientUrl = {
  'url-localhost': {
    title: 'The container asks itself',
    meaning:
      'The URL says localhost or 127.0.0.1. Inside a container that is the container, not the host, and no Ollama runs in it: connection refused at once. The same URL works on the host, which is why it was copied.',
    look: [
      { command: 'docker exec NAME env | grep -i ollama', tells: 'a URL with localhost or 127.0.0.1' },
      { command: 'docker inspect NAME --format "{{.HostConfig.NetworkMode}}"', tells: 'anything but host' },
    ],
    mend: 'Use http://host.docker.internal:11434 (on Linux with `extra_hosts: ["host.docker.internal:host-gateway"]`), or the service name if Ollama runs in a container on the same network.',
    recipes: ['set-client-url'],
  },
  'url-wrong-port': {
    title: 'The URL has another port than Ollama',
    meaning:
      'The client asks for a port on which Ollama does not listen. Between containers the port inside the container counts (11434), not the one that was published on the host.',
    look: [
      { command: 'docker exec NAME env | grep -i ollama', tells: 'the port in the URL' },
      { on: 'linux', command: 'ss -ltnp | grep ollama', tells: 'the port Ollama listens on' },
    ],
    mend: 'Put the port Ollama listens on into the URL. `docker compose up -d` makes the container again with it; a restart alone keeps the old environment.',
    recipes: ['set-client-url'],
  },
  'url-https': {
    title: 'The URL says https, and Ollama speaks plain http',
    meaning:
      'Ollama has no TLS. A client that starts with a TLS handshake gets an answer it cannot read: "wrong version number", EPROTO, "server gave HTTP response to HTTPS client".',
    look: [
      { command: 'curl -v https://HOST:11434/', tells: 'an SSL error' },
      { command: 'curl http://HOST:11434/', tells: 'Ollama is running' },
    ],
    mend: 'Write http:// in the URL. For https, put a reverse proxy with a certificate in front of Ollama, and use its port.',
    recipes: ['set-client-url'],
  },
  'url-path': {
    title: 'The URL has a path that Ollama does not have',
    meaning:
      "The host and port are right, and the path is not: /api or /v1 once too often, a slash too many, or missing where the client expects it. Ollama answers 404 or 405 then. Clients of Ollama's own API want no path at all, those of the OpenAI API want /v1.",
    look: [
      { command: 'curl -i URL/api/version', tells: '404 page not found' },
      { command: 'curl -i http://HOST:11434/api/version', tells: '200' },
    ],
    mend: 'Leave the path out for programs that speak Ollama (http://HOST:11434), end it in /v1 for those that speak OpenAI (http://HOST:11434/v1), and never end it in a slash.',
    recipes: ['set-client-url'],
  },
  'url-alias': {
    title: 'Ollama is in a container: its name is the way',
    meaning:
      'Ollama runs in a container beside the client, and the URL leads to localhost or to the host, where none is. Containers on a network of their own (not the default bridge) know each other by service and container name, with the port inside the container: 11434, whatever is published on the host.',
    look: [
      {
        command: 'docker inspect NAME --format "{{json .NetworkSettings.Networks}}"',
        tells: 'the networks it is on; the same for the container with Ollama',
      },
      {
        command: 'docker exec NAME getent hosts ollama',
        tells: 'the address of the service ollama, when both are on one network',
      },
    ],
    mend: 'Use http://SERVICE:11434 (mostly http://ollama:11434). Where they share no network, put both on one: `docker network connect NETWORK NAME`, or `networks:` in the compose file.',
    recipes: ['set-client-url'],
  },
  'url-stale-gateway': {
    title: 'The URL has an address that was the host once',
    meaning:
      'The URL names the host by the address of a bridge (172.18.0.1 and the like), and no interface or network of the host has it any more. Docker hands out subnets anew when a network is made again, so such an address lasts until the next `docker compose down`.',
    look: [
      { on: 'linux', command: 'ip -br address', tells: 'no interface with that address' },
      { command: 'docker network inspect NETWORK', tells: 'the gateway it has now' },
    ],
    mend: 'Use the name host.docker.internal with host-gateway in place of the address, or pin the subnet of the network in the compose file.',
    recipes: ['set-client-url'],
  },
  'url-invalid': {
    title: 'The setting is not a URL that can be used',
    meaning:
      'What the client was given for Ollama cannot be read as an address: a scheme is doubled or misspelt, the port is no number, a variable was never filled in, or quotes became part of it.',
    look: [
      {
        command: 'docker exec NAME env | grep -i ollama',
        tells: 'the value as the program sees it, quotes included',
      },
    ],
    mend: 'Write it as http://HOST:PORT. In compose files quotes inside `environment:` lists become part of the value, and ${NAME} needs that name in .env.',
    recipes: [],
  },
  'proxy-hijack': {
    title: 'A proxy stands between the client and Ollama',
    meaning:
      'HTTP_PROXY is set for the client, and its requests to Ollama go to that proxy, which cannot reach the host or refuses to. Answers are 502, 503 or 403 with a web page, and Ollama\'s log knows nothing of them. Docker gives such variables to every container when ~/.docker/config.json has "proxies".',
    look: [
      {
        command: 'docker exec NAME env | grep -i proxy',
        tells: "HTTP_PROXY, and a NO_PROXY without Ollama's host in it",
      },
      { command: 'docker exec NAME curl --noproxy "*" URL/api/version', tells: 'works without the proxy' },
    ],
    mend: "Add the host of the URL to NO_PROXY and no_proxy of the client (host.docker.internal,localhost,127.0.0.1), by name. Programs read it differently: Go, newer curl and Python's requests understand address ranges (172.16.0.0/12), Node and older curl do not; Go leaves localhost out by itself, others do not; Node's own fetch asks no proxy at all.",
    recipes: [],
  },
} as const satisfies Group;
