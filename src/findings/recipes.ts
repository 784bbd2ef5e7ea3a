/** What each fix recipe does, for people. The recipes themselves are in `src/recipes/`. */
export const recipes = {
  'start-service': 'starts the Ollama service (of systemd or OpenRC)',
  'enable-service':
    "has a service that runs start at boot too, and a user's own without a login; only when it is asked for by name",
  'bind-all-interfaces':
    'has Ollama listen beyond loopback by a systemd drop-in (OpenRC: by /etc/conf.d), and closes the port to all but loopback and the containers in the same step',
  'set-port':
    'gives Ollama its usual port where http:// or https:// in OLLAMA_HOST made it another one, by a systemd drop-in (OpenRC: by /etc/conf.d), and closes that port to all but loopback and the containers in the same step',
  'mend-origins':
    'writes entries of OLLAMA_ORIGINS that end the server the way they were meant, by a systemd drop-in or in the file that is in force',
  'allow-origin':
    'adds the one origin that was refused to OLLAMA_ORIGINS, by a systemd drop-in or in the file that is in force',
  'allow-container-subnet':
    "lets the containers' own subnet through the firewall to Ollama's port, and nobody else",
  'guard-port':
    'closes the port to all but loopback and the containers, for IPv4 and IPv6; only when it is asked for by name',
  'remove-stale-rule':
    'takes away rules of earlier fixes for subnets that no network has any more; only when it is asked for by name',
  'set-client-url':
    'sets the URL that a container is given to the one that works from there, in the compose file or env file where it is written; the container is made again by you, or with --recreate',
  'add-host-gateway':
    'gives a compose service the name of the host by one line of extra_hosts in its file; the container is made again by you, or with --recreate',
  'pull-model': 'has the Ollama that answers pull a model that was asked for; undo removes it again',
} as const;
export type RecipeId = keyof typeof recipes;
