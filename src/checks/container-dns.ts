import type { Finding } from '../engine/check.ts';
import type { Container } from '../facts/containers.ts';
import { dropHostLine, giveHostName } from '../path/host-advice.ts';
import { hostAccessOf, hostNameOf, namesOfTheHost, networkModeOf } from '../runtimes/knowledge/index.ts';
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

function judge(way: Way): Finding {
  const { client, probe } = way;
  const { url } = client;
  if (client.hypothetical || !url) return notApplicable('no name to look up');
  const name = url.hostname;
  const resolved = probe.resolved;
  if (name.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/u.test(name))
    return notApplicable('the URL has an address, no name');
  if (networkModeOf(client.container) === 'none' && !way.works)
    return notApplicable('it has no network at all: see its route');
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
  if (!way.works && namesOfTheHost.has(name)) {
    const wrong = wrongPlace(way, name);
    if (wrong) return { status: 'fail', code: 'dns-wrong-address', evidence, ...wrong };
  }
  return pass(`${name} is ${resolved.addresses.join(', ')}`, evidence);
}

/** A name for the host whose address is not the host's: what it is, and what to do about it. */
function wrongPlace(
  { client, target }: Way,
  name: string,
): Pick<Finding, 'summary' | 'instructions'> | undefined {
  const { container } = client;
  const access = hostAccessOf(container);
  const { title } = access ?? { title: 'the engine' };
  const written = container.extraHosts.find((line) => /^([^:=]+)[:=]/u.exec(line)?.[1] === name);
  if (target.kind === 'engine') {
    const is = `${name} is ${target.address} in the container, ${target.what}: not this host`;
    if (access?.hostGateway === 'breaks' && written !== undefined)
      return {
        summary: `${is}. The line ${written} hides the name that ${title} has by itself`,
        instructions: dropHostLine(container, name),
      };
    return { summary: is, instructions: otherWays(container) };
  }
  if (target.kind === 'self')
    return {
      summary: `${name} is ${target.address} in the container, which is the container's own (${title} copies this host's address into it)`,
      instructions: otherWays(container),
    };
  if (target.kind !== 'elsewhere') return undefined;
  const literal = written !== undefined && !written.endsWith('host-gateway');
  return {
    summary: `${name} is ${target.address} in the container, which is no address of this host`,
    instructions: literal
      ? [
          `the line ${written} of its extra_hosts says so: put host-gateway in place of the address, or take it away`,
          ...(container.compose ? [`then: docker compose up -d ${container.compose.service}`] : []),
        ]
      : giveHostName(container, name),
  };
}

/** What leads to this host from a rootless engine's container, where the usual name does not. */
function otherWays(container: Container): string[] {
  const access = hostAccessOf(container);
  if (access?.allowLoopback !== undefined)
    return [
      access.allowLoopback,
      `or ask for an address of this host that ${access.title} does not copy (\`ollama-doctor url --from ${container.name}\` finds one that works)`,
    ];
  return [`ask for ${hostNameOf(container).name}`];
}

function missingName(way: Way, name: string): string[] {
  const { container } = way.client;
  if (!namesOfTheHost.has(name))
    return [
      `check the name; a service name of compose works only for containers that share a network with it`,
    ];
  return giveHostName(container, name);
}
