import type { Finding } from '../engine/check.ts';
import type { Server } from '../path/server.ts';
import { hostFor } from '../path/host-advice.ts';
import { isThisHost } from '../path/target.ts';
import { namesOfTheHost } from '../runtimes/knowledge/index.ts';
import { portOf } from './bind-address.ts';
import { clientSubjects, forClient, type Way, waysOf } from './clients.ts';
import { type FactCheck, notApplicable, pass } from './context.ts';

/** Is the URL that the client was given one that can work from where it stands? */
export const clientUrl: FactCheck = {
  id: 'client-url',
  needs: ['container-runtime'],
  subjects: clientSubjects,
  notApplicable: 'no container to look at',
  async run(facts, subject) {
    const server = await facts.server();
    const ways = await waysOf(facts, subject);
    return ways.map((way) => forClient(way.client, judge(way, server)));
  },
};

function judge(way: Way, server: Server): Finding {
  const { client, target, works, probe } = way;
  const { setting, url } = client;
  if (client.hypothetical) return notApplicable('no container here names an Ollama');
  if (!setting && !client.url) return notApplicable('it names no Ollama that the doctor can see');
  const evidence = setting
    ? [{ source: `environment of ${client.container.name}`, text: `${setting.name}=${setting.value}` }]
    : [];
  if (!url)
    return {
      status: 'fail',
      code: 'url-invalid',
      summary: `${setting?.name ?? 'its setting'} is not a URL: ${setting?.value ?? ''}`,
      evidence,
      instructions: [advice(way, server)],
    };
  if (works) return pass(`${shown(way)} works from there`, evidence);
  const answer = probe.asked.answer;
  // A name for the host that is the container itself is wrong as a name: container-dns says so.
  if (target.kind === 'self' && !namesOfTheHost.has(url.hostname))
    return {
      status: 'fail',
      code: 'url-localhost',
      summary: `${shown(way)}: inside the container ${url.hostname} is the container itself, not this host`,
      evidence,
      instructions: [advice(way, server)],
    };
  if (answer.kind === 'unreachable' && answer.failure === 'tls-mismatch' && url.protocol === 'https:')
    return {
      status: 'fail',
      code: 'url-https',
      summary: `${shown(way)}: Ollama speaks plain HTTP, and the URL says https`,
      evidence,
      instructions: [advice(way, server)],
    };
  const port = portOf(url);
  if (isThisHost(target) && port !== server.port && port !== 11_434 && server.bind.kind !== 'unknown')
    return {
      status: 'fail',
      code: 'url-wrong-port',
      summary: `${shown(way)} asks for port ${port}, and Ollama has port ${server.port}`,
      evidence,
      instructions: [advice(way, server)],
    };
  if (target.kind === 'engine')
    return pass(`${shown(way)} leads to ${target.address}, ${target.what}`, evidence);
  if (target.kind === 'elsewhere')
    return pass(`${shown(way)} leads to ${target.address}, which is not this host`, evidence);
  return pass(`${shown(way)} can work from there`, evidence);
}

function shown(way: Way): string {
  const { setting, url } = way.client;
  return setting ? `${setting.name}=${setting.value}` : (url?.href ?? '');
}

function advice(way: Way, server: Server): string {
  const { container, setting } = way.client;
  const { host, needs } = hostFor(container);
  const variable = setting?.name ?? 'its Ollama URL';
  return (
    `set ${variable} to http://${host}:${server.port} where ${container.name} gets its settings` +
    (needs === undefined ? '' : `, and ${needs}`)
  );
}
