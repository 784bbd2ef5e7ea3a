import { keptArguments, keptEnvironment, servesOllama, withoutSecrets } from '../containers/environment.ts';
import { keptModelArguments, keptModelSettings } from '../containers/models.ts';
import { helperLabel } from '../containers/read.ts';
import { type Fields, fields, list, text, texts, words } from './fields.ts';

/**
 * What a recording keeps of an engine's answer: the fields that the readers here read, and of environments, arguments
 * and labels only what they make of them. Reading what is kept gives the same as reading the whole answer.
 *
 * @param path path of the request, with or without an API version and a query: `/containers/json?all=1`
 * @param body the answer's body
 * @returns JSON of what is kept; undefined when it is no answer that these readers read, so that nothing need be kept
 */
export function keptOfAnswer(path: string, body: string): string | undefined {
  const plain = path.replace(/\?.*$/u, '').replace(/^\/v[\d.]+(?=\/)/u, '');
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined;
  }
  const keep = projections.find(([pattern]) => pattern.test(plain))?.[1];
  return keep === undefined ? undefined : JSON.stringify(keep(answer));
}

const projections: readonly [RegExp, (answer: unknown) => unknown][] = [
  [/^\/version$/u, keptVersion],
  [/^\/info$/u, keptInfo],
  [/^\/containers\/json$/u, (answer) => list(answer).map(keptListed)],
  [/^\/containers\/[^/]+\/json$/u, keptContainer],
  [/^\/networks$/u, (answer) => list(answer).map(keptNetwork)],
  [/^\/libpod\/networks\/json$/u, (answer) => list(answer).map(keptPodmanNetwork)],
  [/^\/images\/json$/u, (answer) => list(answer).map((image) => pick(fields(image), ['RepoTags', 'Size']))],
];

function keptVersion(answer: unknown): unknown {
  const version = fields(answer);
  return {
    ...pick(version, ['Version', 'ApiVersion']),
    Components: list(version['Components']).map((component) => pick(fields(component), ['Name', 'Version'])),
  };
}

function keptInfo(answer: unknown): unknown {
  const info = fields(answer);
  return {
    ...pick(info, ['ID', 'Name', 'OperatingSystem', 'KernelVersion', 'SecurityOptions']),
    // Docker 28.1 and later say it; of others nothing is made up.
    ...(info['FirewallBackend'] !== undefined && {
      FirewallBackend: pick(fields(info['FirewallBackend']), ['Driver']),
    }),
    Labels: texts(info['Labels']).filter((label) =>
      /^(?:com\.docker\.desktop\.|cloud\.docker\.run\.)/u.test(label),
    ),
  };
}

function keptListed(answer: unknown): unknown {
  const container = fields(answer);
  return {
    ...pick(container, ['Id', 'Names', 'Image', 'State']),
    Labels: pick(fields(container['Labels']), [helperLabel.name]),
  };
}

function keptNetwork(answer: unknown): unknown {
  const network = fields(answer);
  const config = list(fields(network['IPAM'])['Config']).map((item) =>
    pick(fields(item), ['Subnet', 'Gateway']),
  );
  return {
    ...pick(network, ['Name', 'Id', 'Driver', 'Internal']),
    IPAM: { Config: config },
    Options: pick(fields(network['Options']), ['com.docker.network.bridge.name']),
  };
}

function keptPodmanNetwork(answer: unknown): unknown {
  const network = fields(answer);
  return {
    ...pick(network, ['name', 'id', 'driver', 'internal', 'network_interface']),
    subnets: list(network['subnets']).map((subnet) => pick(fields(subnet), ['subnet', 'gateway'])),
  };
}

/** Addresses as they are read, and names of models, which are read by the same names. */
function keptVariables(environment: readonly string[]): string[] {
  const kept = keptEnvironment(environment);
  const models = keptModelSettings(environment).filter(
    (line) => !Object.hasOwn(kept, line.split('=')[0] ?? ''),
  );
  return [...Object.entries(kept).map(([name, value]) => `${name}=${value}`), ...models];
}

const composeLabels = ['project', 'service', 'depends_on', 'project.working_dir', 'project.config_files'].map(
  (name) => `com.docker.compose.${name}`,
);

function keptContainer(answer: unknown): unknown {
  const container = fields(answer);
  const config = fields(container['Config']);
  const settings = fields(container['NetworkSettings']);
  const environment = texts(config['Env']);
  const argv = [text(container['Path']), ...texts(container['Args'])].filter((word) => word !== undefined);
  const image = words(config['Image']) ?? words(container['ImageName']) ?? '';
  return {
    ...pick(container, ['Id', 'Name', 'ImageName', 'RestartCount']),
    ...keptCommand(servesOllama(image, argv, environment), argv),
    State: keptState(fields(container['State'])),
    Config: {
      ...pick(config, ['Image']),
      Env: keptVariables(environment),
      Labels: pick(fields(config['Labels']), composeLabels),
    },
    HostConfig: pick(fields(container['HostConfig']), ['NetworkMode', 'ExtraHosts']),
    NetworkSettings: {
      ...pick(settings, ['Ports']),
      Networks: Object.fromEntries(
        Object.entries(fields(settings['Networks'])).map(([name, own]) => [
          name,
          pick(fields(own), joinedFields),
        ]),
      ),
    },
  };
}

/** Why a start failed may repeat an address of the user's. */
function keptState(state: Fields): Fields {
  const error = words(state['Error']);
  return {
    ...pick(state, ['Status', 'Pid', 'ExitCode', 'FinishedAt']),
    ...(error === undefined ? {} : { Error: withoutSecrets(error).slice(0, 300) }),
  };
}

const joinedFields = [
  'NetworkID',
  'IPAddress',
  'GlobalIPv6Address',
  'Gateway',
  'IPv6Gateway',
  'Aliases',
  'DNSNames',
];

/** A command line that says the same of the container: whether it serves Ollama, and the addresses it names. */
function keptCommand(serves: boolean, argv: readonly string[]): Fields {
  if (serves) return { Path: 'ollama', Args: ['serve', ...keptArguments(argv), ...keptModelArguments(argv)] };
  // Ollama's image is a server unless its command says otherwise.
  const usesClient = /(?:^|[\s/'"])ollama\s+\w|\bcurl\b/u.test(argv.join(' '));
  return {
    Path: usesClient ? 'ollama client' : '(left out)',
    Args: [...keptArguments(argv), ...keptModelArguments(argv)],
  };
}

function pick(from: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(
    names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]),
  );
}
