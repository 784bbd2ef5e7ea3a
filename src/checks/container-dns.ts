import type { Finding } from '../engine/check.ts';
import { hostName } from '../path/target.ts';
import { clientSubjects, forClient, type Way, waysOf } from './clients.ts';
import { couldNotLook, type FactCheck, notApplicable, pass } from './context.ts';

/** Does the URL's name mean anything in the container, and is it what it is taken for? */
export const containerDns: FactCheck = {
  id: 'container-dns',
  needs: ['container-runtime'],
  subjects: clientSubjects,
  notApplicable: 'no container to look at',
  async run(facts, subject) {
    const ways = await waysOf(facts, subject);
    return ways.map((way) => forClient(way.client, judge(way)));
  },
};

/** Names that stand for the host and nothing else. */
const namesOfTheHost = new Set([
  'host.docker.internal',
  'host.containers.internal',
  'gateway.docker.internal',
  'host.lima.internal',
]);

function judge(way: Way): Finding {
  const { client, probe, target } = way;
  const { url } = client;
  if (client.hypothetical || !url) return notApplicable('no name to look up');
  const name = url.hostname;
  const resolved = probe.resolved;
  if (name.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/u.test(name))
    return notApplicable('the URL has an address, no name');
  const source = `names in ${client.container.name}${resolved && 'via' in resolved && resolved.via ? ` (${resolved.via})` : ''}`;
  const answer = probe.asked.answer;
  const unknownName =
    resolved?.outcome === 'name-not-found' ||
    (answer.kind === 'unreachable' && answer.failure === 'name-not-found');
  if (unknownName && resolved?.outcome !== 'resolved')
    return {
      status: 'fail',
      code: 'dns-missing',
      summary: `${name} is not known in the container`,
      evidence: [
        { source, text: resolved && 'detail' in resolved ? resolved.detail : `${name}: not found` },
        { source: 'extra_hosts', text: client.container.extraHosts.join(', ') || 'none' },
      ],
      instructions: missingName(way, name),
    };
  if (!resolved || resolved.outcome === 'not-recorded')
    return couldNotLook(
      { state: 'unavailable', reason: `what ${name} is in the container is not known` },
      !way.works,
    );
  if (resolved.outcome !== 'resolved')
    return couldNotLook(
      {
        state: 'unavailable',
        reason: `${name} could not be looked up there: ${resolved.detail}`,
      },
      !way.works,
    );
  const evidence = [{ source, text: `${name} is ${resolved.addresses.join(', ')}` }];
  if (!way.works && namesOfTheHost.has(name) && target.kind === 'elsewhere')
    return {
      status: 'fail',
      code: 'dns-wrong-address',
      summary: `${name} is ${target.address} in the container, which is no address of this host`,
      evidence,
      instructions: missingName(way, name),
    };
  return pass(`${name} is ${resolved.addresses.join(', ')}`, evidence);
}

function missingName(way: Way, name: string): string[] {
  const { container } = way.client;
  if (!namesOfTheHost.has(name))
    return [
      `check the name; a service name of compose works only for containers that share a network with it`,
    ];
  const line = `extra_hosts: ["${hostName(container)}:host-gateway"]`;
  return container.compose
    ? [
        `add to service ${container.compose.service} in ${container.compose.configFiles[0] ?? 'its compose file'}: ${line}`,
        `then: docker compose up -d ${container.compose.service}`,
      ]
    : [
        `start it with --add-host=${hostName(container)}:host-gateway (a container's names are fixed when it is made)`,
      ];
}
