import type { Finding } from '../engine/check.ts';
import type { RuntimeEndpoint } from '../facts/containers.ts';
import { type FactCheck, hostOnly, notApplicable, pass } from './context.ts';

/** Is there a container engine, and may it be asked? */
export const containerRuntime: FactCheck = {
  id: 'container-runtime',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const endpoints = await facts.runtimes();
    const { options } = facts;
    const answering = endpoints.filter((endpoint) => endpoint.state.state === 'answers');
    const askedFor = options.runtime !== undefined || options.containers.length > 0;
    if (answering.length > 0) {
      const containers = await facts.containers();
      if (containers.state === 'unavailable')
        return [
          {
            status: 'inconclusive',
            summary: containers.reason,
            ...(containers.help ? { instructions: [containers.help] } : {}),
          },
        ];
      const mute = endpoints.filter(
        ({ state }) => state.state === 'inconclusive' || state.state === 'denied',
      );
      return [
        pass(
          [...answering.map(described), ...mute.map(notAsked)].join('; '),
          [...answering, ...mute].map(evidenceOf),
        ),
      ];
    }
    const told = endpoints.find((endpoint) => isExplicit(endpoint));
    const denied = endpoints.find((endpoint) => endpoint.state.state === 'denied');
    const unsure = endpoints.find((endpoint) => endpoint.state.state === 'inconclusive');
    const worst = told ?? denied ?? unsure;
    if (worst) return [unreachable(worst, true)];
    const down = endpoints[0];
    if (down) return [unreachable(down, askedFor)];
    if (askedFor)
      return [
        {
          status: 'inconclusive',
          code: 'runtime-unavailable',
          summary: 'no container engine was found to ask',
          instructions: [
            'start Docker or Podman, or name its socket: DOCKER_HOST=unix:///path/to/docker.sock',
          ],
        },
      ];
    return [notApplicable('no container engine here')];
  },
};

function isExplicit(endpoint: RuntimeEndpoint): boolean {
  return /^(?:DOCKER_HOST|DOCKER_CONTEXT|CONTAINER_HOST|CONTAINER_CONNECTION|context )/u.test(
    endpoint.foundBy,
  );
}

function unreachable(endpoint: RuntimeEndpoint, matters: boolean): Finding {
  const { state } = endpoint;
  const evidence = [evidenceOf(endpoint)];
  if (state.state === 'denied')
    return {
      status: 'inconclusive',
      code: 'runtime-denied',
      summary: `${endpoint.runtime} may not be asked: permission denied on ${endpoint.endpoint}`,
      evidence,
      instructions: [state.help],
      matters,
    };
  const detail = state.state === 'answers' ? '' : state.detail;
  return {
    status: 'inconclusive',
    code: 'runtime-unavailable',
    summary: `${endpoint.runtime} could not be asked at ${endpoint.endpoint} (${endpoint.foundBy}): ${detail}`,
    evidence,
    instructions: [
      state.state === 'inconclusive' && state.help !== undefined
        ? state.help
        : `start ${endpoint.runtime}, or name another socket in DOCKER_HOST`,
    ],
    matters,
  };
}

function described(endpoint: RuntimeEndpoint): string {
  const { state } = endpoint;
  if (state.state !== 'answers') return endpoint.endpoint;
  return `${state.product}${state.rootless ? ' (rootless)' : ''} ${state.version}`;
}

/** An engine beside those that answered, whose containers are not seen. */
function notAsked({ runtime, foundBy, state }: RuntimeEndpoint): string {
  const why = state.state === 'denied' ? 'may not be asked' : 'could not be asked';
  return `${runtime} (${foundBy}) ${why}`;
}

function evidenceOf(endpoint: RuntimeEndpoint): { source: string; text: string } {
  const { state } = endpoint;
  return {
    source: `${endpoint.endpoint} (${endpoint.foundBy})`,
    text:
      state.state === 'answers' ? described(endpoint) + backendWords(state.firewallBackend) : state.detail,
  };
}

/** Docker's usual ones are worth no word; with nftables there is no DOCKER-USER, and other tools show its rules. */
function backendWords(backend: string | undefined): string {
  return backend?.startsWith('nftables') === true
    ? `; its rules are in tables of nft's own (docker info: ${backend}): nft list table ip docker-bridges`
    : '';
}
