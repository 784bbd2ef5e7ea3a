import type { Cause } from '../../report/schema.ts';
import { type Outcome, type Planning, type Recipe } from '../recipe.ts';
import { byHand } from './by-hand.ts';
import { clientsOf, ownProject, planOfEdits, type WantedEdit } from './compose-edit.ts';

const id = 'add-host-gateway';

/** Names that `host-gateway` may be given to. */
const names: ReadonlySet<string> = new Set([
  'host.docker.internal',
  'host.containers.internal',
  'gateway.docker.internal',
]);

/**
 * Gives a service of compose the name of the host that its URL uses, by one more line of extra_hosts in its own file.
 * On Docker Engine with root alone: the others have the name, a line would hide it (Rancher Desktop), or it would lead
 * into the engine's own network (rootless Docker).
 */
export const addHostGateway: Recipe = {
  id,
  cures: ['dns-missing'],
  async plan(planning, causes): Promise<Outcome> {
    const compose = await import('../../compose/index.ts');
    const wanted: WantedEdit[] = [];
    const refusals: Outcome['refusals'] = [];
    for (const cause of causes) {
      for (const [host, container] of await missingNames(planning, cause)) {
        const own = await ownProject(compose, planning, container);
        if ('reason' in own) {
          const instructions = await byHand(planning, container, { addHost: host });
          refusals.push({ recipe: id, reason: own.reason, instructions });
        } else if (own.project.services.get(own.service)?.extraHosts.some((one) => one.name === host)) {
          refusals.push({
            recipe: id,
            reason: `the file gives ${own.service} the name ${host} already, and the container was made before`,
            instructions: [`docker compose up -d ${own.service}`],
          });
        } else {
          wanted.push({ cause, own, cures: [{ kind: 'add-host', service: own.service, host }], notes: [] });
        }
      }
    }
    const { plan, refused } = await planOfEdits(compose, id, planning, wanted);
    return {
      ...(plan ? { plan } : {}),
      refusals: [
        ...refusals,
        ...refused.map(({ reason, instructions }) => ({ recipe: id, reason, instructions })),
      ],
    };
  },
};

async function missingNames(planning: Planning, cause: Cause) {
  const clients = await clientsOf(planning, cause);
  const found = new Map<string, (typeof clients)[number]['container']>();
  for (const { url, container } of clients) {
    const name = url?.hostname ?? '';
    const given = container.extraHosts.some((line) => /^([^:=]+)[:=]/u.exec(line)?.[1] === name);
    const engine = container.product === 'docker-engine' && container.rootless !== true;
    if (names.has(name) && !given && engine) found.set(name, container);
  }
  return found;
}
