import type { Finding } from '../engine/check.ts';
import { isThisHost } from '../path/target.ts';
import { clientSubjects, forClient, type Way, waysOf } from './clients.ts';
import { couldNotLook, type FactCheck, notApplicable, pass } from './context.ts';

/** Does the container have a way to the address? */
export const gatewayRoute: FactCheck = {
  id: 'gateway-route',
  needs: ['container-runtime', 'container-dns'],
  subjects: clientSubjects,
  notApplicable: 'no container to look at',
  async run(facts, subject) {
    const ways = await waysOf(facts, subject);
    return ways.map((way) => forClient(way.client, judge(way)));
  },
};

function judge(way: Way): Finding {
  const { client, target, probe, works } = way;
  if (client.hypothetical) return notApplicable('no container to look from');
  const network = client.container.networks[0];
  const evidence = network
    ? [
        {
          source: `network ${network.name}`,
          text: `${network.address ?? 'no address'} on ${network.bridge ?? network.driver}, gateway ${network.subnets[0]?.gateway ?? 'none'}`,
        },
      ]
    : [];
  const answer = probe.asked.answer;
  if (!works && answer.kind === 'unreachable' && answer.failure === 'network-unreachable')
    return {
      status: 'fail',
      code: 'route-missing',
      summary: `the container has no route to ${answer.address ?? 'the address'}`,
      evidence: [...evidence, ...probe.asked.evidence],
      instructions: [
        client.container.networks.some((own) => own.internal)
          ? 'its network is internal: only its own gateway can be reached from there; put the container on an ordinary network too'
          : 'put the container on a network with a gateway (network_mode none has none)',
      ],
    };
  if (target.kind === 'self') return notApplicable('the packet never leaves the container');
  if (isThisHost(target))
    return pass(
      'interface' in target && target.interface
        ? `${target.address} is this host (${target.interface})`
        : 'the address is this host',
      evidence,
    );
  if (target.kind === 'container') return pass(`${target.address} is the container ${target.name}`, evidence);
  if (works) return pass('the address is reached', evidence);
  if (target.kind === 'unknown') return couldNotLook({ state: 'unavailable', reason: target.reason });
  return notApplicable('the address is not on this host: its route cannot be judged from here', evidence);
}
