import { allWays, wantsThisHost } from './clients.ts';
import { keptOut } from './kept-out.ts';
import { portHolder } from './port-holder.ts';
import { besides } from './two-ollamas/beside.ts';
import { cannotPublish } from './two-ollamas/cannot-publish.ts';
import { couldNotLook, type FactCheck, hostOnly, notApplicable, pass } from './context.ts';
import { ollamaOf } from '../ollama/product.ts';

/** Who listens on Ollama's port? */
export const portOwner: FactCheck = {
  id: 'port-owner',
  needs: [],
  subjects: hostOnly,
  notApplicable: 'no host to look at',
  async run(facts) {
    const [server, listeners, asked, services] = await Promise.all([
      facts.server(),
      facts.listeners(),
      facts.host(),
      facts.services(),
    ]);
    if (listeners.state === 'unavailable') return [couldNotLook(listeners, false)];
    const own = server.listeners ?? [];
    if (own.length === 0) return [notApplicable(`nothing listens on port ${server.port}`)];
    const evidence = own.map((listener) => ({
      source: 'listening sockets',
      text: `${listener.address} port ${listener.port}${listener.process ? `: ${listener.process.name} (PID ${listener.process.pid})` : ''}`,
    }));
    const foreign = own.find((listener) => listener.process && listener.process.name !== 'ollama');
    if (asked.answer.kind === 'ollama') {
      const by = foreign?.process ? `, by way of ${foreign.process.name}` : '';
      const conflict = (await keptOut(facts)) ?? (await cannotPublish(facts));
      if (conflict) return [conflict];
      const { others, proof } = (await besides(facts, asked.answer)) ?? { others: [], proof: [] };
      const also = others.map((one) => `; ${one.text}`).join('');
      return [
        pass(`port ${server.port} of this host is ${ollamaOf(asked.answer.version)}${by}${also}`, [
          ...evidence,
          ...others,
          ...proof,
        ]),
      ];
    }
    const service = services.state === 'seen' ? services.value[0] : undefined;
    if (foreign?.process && service && service.state !== 'running') {
      const containers = await facts.containers();
      const holder = portHolder(
        { port: server.port, process: foreign.process },
        containers.state === 'seen' ? containers.value : [],
      );
      return [
        {
          status: 'fail',
          code: 'port-conflict',
          summary: `port ${server.port} is taken by ${holder.who.replace(/,$/u, '')}, so ${service.name} cannot have it`,
          evidence,
          instructions: [
            `see what it is: ${holder.look}`,
            `stop it, or give one of the two another port, then: sudo systemctl restart ${service.name}`,
          ],
          // The row of the service says so already where its own log does.
          ...(service.failure?.kind === 'port-in-use' ? { explainedBy: 'port-conflict' } : {}),
          affects: (await allWays(facts))
            .filter((way) => !way.client.hypothetical && !way.works && wantsThisHost(way))
            .map((way) => way.client.subject),
        },
      ];
    }
    if (asked.answer.kind === 'unavailable' || asked.answer.kind === 'unreachable')
      return [pass(`something listens on port ${server.port}`, evidence)];
    return [pass(`one process listens on port ${server.port}`, evidence)];
  },
};
