import type { Finding } from '../engine/check.ts';
import type { HostNetwork } from '../facts/network.ts';
import { gatewaysOf, isThisHost, type Target } from '../path/target.ts';
import { hostAccessOf, hostNameOf, namesOfTheHost, networkModeOf } from '../runtimes/knowledge/index.ts';
import { clientSubjects, forClient, type Way, waysOf } from './clients.ts';
import { blockedBy, couldNotLook, type FactCheck, notApplicable, pass } from './context.ts';

/** Does the container have a way to the address? */
export const gatewayRoute: FactCheck = {
  id: 'gateway-route',
  needs: ['container-runtime'],
  subjects: clientSubjects,
  notApplicable: 'no container to look at',
  async run(facts, subject) {
    const [ways, looked] = await Promise.all([waysOf(facts, subject), facts.network()]);
    const network = looked.state === 'seen' ? looked.value : undefined;
    return ways.map((way) => forClient(way.client, judge(way, network)));
  },
};

function judge(way: Way, host: HostNetwork | undefined): Finding {
  const { client, target, probe, works } = way;
  if (client.hypothetical) return notApplicable('no container to look from');
  if (!client.url) return notApplicable('its setting names no address');
  const unknownName =
    probe.resolved?.outcome === 'name-not-found' ||
    (probe.asked.answer.kind === 'unreachable' && probe.asked.answer.failure === 'name-not-found');
  if (!works && unknownName && networkModeOf(client.container) !== 'none')
    return blockedBy('container-dns', client.subject, 'not run: container-dns did not pass');
  const network = client.container.networks[0];
  const evidence = network
    ? [
        {
          source: `network ${network.name}`,
          text: `${network.address ?? 'no address'} on ${network.bridge ?? network.driver}, gateway ${network.subnets[0]?.gateway ?? 'none'}`,
        },
      ]
    : [];
  const seen = [...evidence, ...probe.asked.evidence];
  const broken = works ? undefined : (noRoute(way, host) ?? wrongRoute(way));
  if (broken) return { status: 'fail', evidence: seen, ...broken };
  if (target.kind === 'self') return notApplicable('the packet never leaves the container');
  if (isThisHost(target)) return pass(hostInWords(target), evidence);
  if (target.kind === 'container') return pass(`${target.address} is the container ${target.name}`, evidence);
  if (works) return pass('the address is reached', evidence);
  if (target.kind === 'unknown') return couldNotLook({ state: 'unavailable', reason: target.reason });
  return notApplicable('the address is not on this host: its route cannot be judged from here', evidence);
}

type Broken = Pick<Finding, 'code' | 'summary' | 'instructions'>;

/** No way at all from there: no network, an internal one, or one that keeps the host out. */
function noRoute({ client, probe, target }: Way, host: HostNetwork | undefined): Broken | undefined {
  const { container } = client;
  const { answer } = probe.asked;
  if (networkModeOf(container) === 'none')
    return {
      code: 'route-missing',
      summary: 'the container has no network at all (network_mode none): nothing can be reached from there',
      instructions: ['put it on a network: its network_mode or --network decides'],
    };
  if (answer.kind !== 'unreachable' || answer.failure !== 'network-unreachable') return undefined;
  const address = answer.address ?? 'the address';
  const access = hostAccessOf(container);
  if (target.kind === 'host-proxy' && access?.allowLoopback !== undefined)
    return {
      code: 'route-missing',
      summary: `${address} is this host's loopback, and ${access.title} was not told to let containers there`,
      instructions: [access.allowLoopback],
    };
  const internal = container.networks.find((own) => own.internal);
  const [gateway] = internal ? gatewaysOf(internal, host) : [];
  return {
    code: 'route-missing',
    summary: internal
      ? `the container has no route to ${address}: its network ${internal.name} is internal`
      : `the container has no route to ${address}`,
    instructions: internal
      ? [
          ...(gateway === undefined
            ? []
            : [`from an internal network this host is reached at its gateway alone: ask for ${gateway}`]),
          `or put it on an ordinary network too: ${container.runtime} network connect ${container.runtime === 'docker' ? 'bridge' : 'podman'} ${container.name}`,
        ]
      : ['put the container on a network with a gateway'],
  };
}

/** A way that leads to another place than this host. */
function wrongRoute({ client, probe, target }: Way): Broken | undefined {
  const { container, url } = client;
  const { answer } = probe.asked;
  if (answer.kind !== 'unreachable') return undefined;
  const direct = container.networks.find((own) => own.driver === 'macvlan' || own.driver === 'ipvlan');
  if (
    target.kind === 'host' &&
    direct &&
    container.networks.every((own) => own.driver === direct.driver) &&
    (answer.failure === 'host-unreachable' || answer.failure === 'timeout')
  )
    return {
      code: 'route-wrong',
      summary: `the container is on the ${direct.driver} network ${direct.name}: the kernel lets nothing from there to this host itself`,
      instructions: [
        `put it on a bridge network too, and ask for this host there: ${container.runtime} network connect ${container.runtime === 'docker' ? 'bridge' : 'podman'} ${container.name}`,
      ],
    };
  const literal = url !== undefined && !namesOfTheHost.has(url.hostname);
  if (target.kind === 'engine' && literal) {
    const access = hostAccessOf(container);
    return {
      code: 'route-wrong',
      summary: `${target.address} is ${target.what}: the packets never come to this host`,
      instructions:
        access?.allowLoopback === undefined
          ? [`ask for ${hostNameOf(container).name}`]
          : [access.allowLoopback, 'or ask for an address of this host'],
    };
  }
  return undefined;
}

function hostInWords(target: Target): string {
  if (target.kind === 'host') {
    if (target.dialled !== undefined) return `${target.dialled} is this host's ${target.address} there`;
    if (target.interface !== undefined) return `${target.address} is this host (${target.interface})`;
  }
  return 'the address is this host';
}
