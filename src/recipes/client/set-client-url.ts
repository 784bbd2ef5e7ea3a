import type { Cure } from '../../compose/index.ts';
import { findUrl } from '../../diagnosis/find-url.ts';
import type { OllamaClient } from '../../facts/containers.ts';
import { gatewayAddress, hostName } from '../../path/target.ts';
import type { Outcome, Planning, Recipe } from '../recipe.ts';
import { byHand } from './by-hand.ts';
import { clientsOf, type OwnProject, ownProject, planOfEdits, type WantedEdit } from './compose-edit.ts';

const id = 'set-client-url';
type ComposeModule = typeof import('../../compose/index.ts');

/** Milliseconds to find a URL that works from a container. */
const provingMs = 8000;

/**
 * Gives a container the URL that works from where it stands, in the compose file or env file where the value is
 * written. The value is proved by a request from inside; where nothing can be proved yet, as other causes stand in the
 * way, it is the one that the file itself makes certain.
 */
export const setClientUrl: Recipe = {
  id,
  cures: ['url-localhost', 'url-wrong-port', 'url-https', 'url-path', 'url-alias', 'url-stale-gateway'],
  async plan(planning, causes): Promise<Outcome> {
    const compose = await import('../../compose/index.ts');
    const wanted: WantedEdit[] = [];
    const refusals: Outcome['refusals'] = [];
    const given = new Set<string>();
    const refuse = (reason: string, instructions: string[]): void =>
      void refusals.push({ recipe: id, reason, instructions });
    for (const cause of causes) {
      for (const client of await clientsOf(planning, cause)) {
        const { setting, container } = client;
        if (!setting || (await planning.facts.probe(client)).asked.answer.kind === 'ollama') continue;
        const proved = await provedUrl(planning, client);
        const own = await ownProject(compose, planning, container);
        if ('reason' in own) {
          // Unproved it is the name of the host, as with a compose file.
          const to = proved ?? byName(client);
          const cure = compose.urlCure(container.name, setting, to);
          const instructions = await byHand(planning, container, {
            set: { name: setting.name, value: cure?.kind === 'set-url' ? cure.to : setting.value },
            ...(to.addHost === undefined ? {} : { addHost: to.addHost }),
          });
          refuse(own.reason, instructions);
          continue;
        }
        const written = valueIn(own, setting.name);
        if (written !== undefined && !written.includes(setting.value)) {
          refuse(
            `${own.service} has another ${setting.name} in its file by now than the container runs with`,
            [`docker compose up -d ${own.service}`],
          );
          continue;
        }
        const cures = proved ? fromProof(compose, own, client, proved) : fromFile(compose, own, setting.name);
        if (cures.length === 0) {
          refuse(`no URL is proved to work from ${container.name}`, [
            `ollama-doctor url --from ${container.name}`,
          ]);
          continue;
        }
        const set = cures.find((cure) => cure.kind === 'set-url');
        if (set && (await isInList(planning, client, set.to, given))) {
          refuse(`${setting.name} has ${set.to} in its list then already`, [
            `take ${setting.value} out of ${setting.name}, unless another server is meant`,
          ]);
          continue;
        }
        const notes = proved
          ? [`${proved.url} was answered by Ollama, asked from ${container.name}`]
          : ['what Ollama answers there cannot be proved before the other causes are mended'];
        if (/open-?webui/iu.test(container.image))
          notes.push(
            'Open WebUI reads it at its first start alone and keeps it in its database: after that it is set in Admin Settings, Connections',
          );
        wanted.push({ cause, own, cures, notes });
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

/** Whether a setting that holds several addresses has this one, or is given it by this very plan. */
async function isInList(
  { facts }: Planning,
  { container, setting }: OllamaClient,
  to: string,
  given: Set<string>,
): Promise<boolean> {
  const key = `${container.id} ${setting?.name ?? ''} ${to}`;
  if (given.has(key)) return true;
  given.add(key);
  return (await facts.clients()).some(
    (other) =>
      other.container.id === container.id &&
      other.setting?.name === setting?.name &&
      other.setting?.value === to,
  );
}

/** The name of the host, which Docker Engine gives to nobody who does not ask for it. */
function byName({ container, url }: OllamaClient): Pick<Proved, 'host' | 'port' | 'addHost'> {
  const host = hostName(container);
  const port = url && url.port !== '' ? Number(url.port) : 11_434;
  return {
    host,
    port,
    ...(container.product === 'docker-engine' && container.rootless !== true ? { addHost: host } : {}),
  };
}

interface Proved {
  /** What answered from inside. */
  url: string;
  host: string;
  port: number;
  /** The name the container must be given first. */
  addHost?: string;
}

/** A base URL that works from the container; an address of the host that may change is given its name. */
async function provedUrl(
  { facts, machine }: Planning,
  { container }: OllamaClient,
): Promise<Proved | undefined> {
  if (container.state !== 'running') return undefined;
  let url: string | null;
  try {
    ({ url } = await findUrl(machine, {
      from: container.id,
      runtime: container.runtime,
      timeoutMs: provingMs,
    }));
  } catch {
    return undefined;
  }
  if (url === null) return undefined;
  const { hostname, port } = new URL(url);
  const found = { url, host: hostname, port: port === '' ? 80 : Number(port) };
  const network = await facts.network();
  const gateway = gatewayAddress(container, network.state === 'seen' ? network.value : undefined);
  const isGateway =
    hostname === gateway ||
    container.networks.some((own) => own.subnets.some((one) => one.gateway === hostname));
  if (!isGateway || container.product !== 'docker-engine' || container.rootless === true) return found;
  // host-gateway is docker0's address, whatever network the container is on (moby daemon_unix.go).
  const host = 'host.docker.internal';
  return { ...found, host, addHost: host };
}

function fromProof(
  compose: ComposeModule,
  own: OwnProject,
  { setting }: OllamaClient,
  proved: Proved,
): Cure[] {
  if (!setting) return [];
  const set = compose.urlCure(own.service, setting, proved);
  const has = own.project.services.get(own.service)?.extraHosts.some((one) => one.name === proved.addHost);
  return [
    ...(set ? [set] : []),
    ...(proved.addHost === undefined || has
      ? []
      : [{ kind: 'add-host' as const, service: own.service, host: proved.addHost }]),
  ];
}

/** What the file itself makes certain: the alias of its own Ollama, the host's name. */
function fromFile(compose: ComposeModule, own: OwnProject, setting: string): Cure[] {
  const finding = compose
    .judge(own.project, own.around)
    .find((one) =>
      one.cures.some(
        (cure) => cure.kind === 'set-url' && cure.service === own.service && cure.setting === setting,
      ),
    );
  return finding?.cures ?? [];
}

function valueIn(own: OwnProject, name: string): string | undefined {
  return own.project.services.get(own.service)?.environment.get(name)?.value;
}
