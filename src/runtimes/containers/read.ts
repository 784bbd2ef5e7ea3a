import type { Container, RuntimeName, RuntimeProduct } from '../../facts/containers.ts';
import { type Fields, fields, list, number, text, texts, words } from '../docker/fields.ts';
import { keptArguments, keptEnvironment, servesOllama, withoutSecrets } from './environment.ts';
import { namedModels } from './models.ts';
import { type EngineNetwork, joinNetworks } from './networks.ts';

/** The engine a container belongs to. */
export interface Engine {
  runtime: RuntimeName;
  endpoint: string;
  product: RuntimeProduct;
  rootless?: boolean;
  engineVersion?: string;
}

/** One line of `/containers/json`: enough to name a container and decide whether to look closer. */
export interface ListedContainer {
  id: string;
  name: string;
  image: string;
  state: Container['state'];
}

/** The label of the containers that the doctor makes for a probe, and removes. */
export const helperLabel = { name: 'ollama-doctor', value: 'probe' } as const;

/** Reads `/containers/json?all=1`. A container without an id is left out, and so are our own helpers. */
export function readContainerList(answer: unknown): ListedContainer[] {
  return list(answer).flatMap((item) => {
    const container = fields(item);
    const id = words(container['Id']);
    if (id === undefined || fields(container['Labels'])[helperLabel.name] === helperLabel.value) return [];
    const name = (texts(container['Names'])[0] ?? id.slice(0, 12)).replace(/^\//u, '');
    return [{ id, name, image: words(container['Image']) ?? '', state: readState(container['State']) }];
  });
}

/** Reads `/containers/ID/json`. undefined when the answer is not one. */
export function readContainer(
  answer: unknown,
  engine: Engine,
  networks: readonly EngineNetwork[],
): Container | undefined {
  const container = fields(answer);
  const id = words(container['Id']);
  if (id === undefined) return undefined;
  const config = fields(container['Config']);
  const hostConfig = fields(container['HostConfig']);
  const state = fields(container['State']);
  const settings = fields(container['NetworkSettings']);
  const image = words(config['Image']) ?? words(container['ImageName']) ?? '';
  const environment = texts(config['Env']);
  const argv = [text(container['Path']), ...texts(container['Args'])].filter((word) => word !== undefined);
  const pid = number(state['Pid']);
  const models = servesOllama(image, argv, environment)
    ? []
    : namedModels(environment, argv, keptArguments(argv).length > 0);
  const compose = readCompose(fields(config['Labels']));
  const dependsOn = readDependencies(fields(config['Labels']));
  return {
    ...engine,
    id,
    name: (words(container['Name']) ?? id.slice(0, 12)).replace(/^\//u, ''),
    image,
    state: readState(state['Status']),
    ...(pid !== undefined && pid > 0 ? { pid } : {}),
    ...readEnd(container, state),
    ...(dependsOn.length > 0 ? { dependsOn } : {}),
    networkMode: readNetworkMode(hostConfig['NetworkMode']),
    networks: joinNetworks(settings['Networks'], networks),
    extraHosts: texts(hostConfig['ExtraHosts']),
    env: keptEnvironment(environment),
    argumentsWithUrl: keptArguments(argv),
    ...(models.length > 0 ? { models } : {}),
    servesOllama: servesOllama(image, argv, environment),
    ...(compose ? { compose } : {}),
    ports: readPorts(settings['Ports']),
  };
}

/** A container that could not be looked at closer (it went away, or there are too many): what the list says of it. */
export function fromList(listed: ListedContainer, engine: Engine): Container {
  return {
    ...engine,
    ...listed,
    networkMode: '',
    networks: [],
    extraHosts: [],
    env: {},
    argumentsWithUrl: [],
    servesOllama: servesOllama(listed.image, [], []),
    ports: [],
  };
}

/** `default` is what older clients wrote for the bridge network. */
function readNetworkMode(value: unknown): string {
  const mode = words(value) ?? 'bridge';
  return mode === 'default' ? 'bridge' : mode;
}

function readState(value: unknown): Container['state'] {
  switch (value) {
    case 'running':
    case 'restarting':
    case 'exited':
    case 'paused':
    case 'created':
    case 'dead':
      return value;
    // Podman's own words beside Docker's.
    case 'configured':
    case 'initialized':
      return 'created';
    case 'stopped':
    case 'stopping':
      return 'exited';
    default:
      return 'unknown';
  }
}

/** How it ended, of a container that does not run. Podman writes no error where Docker writes an empty one. */
function readEnd(container: Fields, state: Fields): Pick<Container, 'ended'> {
  const status = readState(state['Status']);
  if (status === 'running' || status === 'paused') return {};
  const error = words(state['Error']);
  const at = words(state['FinishedAt']);
  return {
    ended: {
      exitCode: number(state['ExitCode']) ?? 0,
      restarts: number(container['RestartCount']) ?? 0,
      ...(error === undefined ? {} : { error: withoutSecrets(error).slice(0, 300) }),
      ...(at === undefined || at.startsWith('0001') ? {} : { at }),
    },
  };
}

/** `ollama:service_started:false,db:service_healthy:true` */
function readDependencies(labels: Fields): string[] {
  return (words(labels['com.docker.compose.depends_on']) ?? '')
    .split(',')
    .flatMap((part) => part.split(':')[0]?.trim() ?? [])
    .filter((name) => name !== '');
}

/** Compose's labels; podman-compose writes the same ones. */
function readCompose(labels: Record<string, unknown>): Container['compose'] | undefined {
  const project = words(labels['com.docker.compose.project']);
  const service = words(labels['com.docker.compose.service']);
  if (project === undefined || service === undefined) return undefined;
  const workingDirectory = words(labels['com.docker.compose.project.working_dir']);
  return {
    project,
    service,
    configFiles: (words(labels['com.docker.compose.project.config_files']) ?? '')
      .split(',')
      .filter((file) => file !== ''),
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
  };
}

function readPorts(value: unknown): Container['ports'] {
  return Object.entries(fields(value)).flatMap(([port, bindings]) => {
    const [, containerPort] = /^(\d+)\/tcp$/u.exec(port) ?? [];
    if (containerPort === undefined) return [];
    return list(bindings).flatMap((item) => {
      const binding = fields(item);
      const hostPort = Number(words(binding['HostPort']));
      if (!Number.isInteger(hostPort) || hostPort <= 0) return [];
      return [{ hostAddress: text(binding['HostIp']) ?? '', hostPort, containerPort: Number(containerPort) }];
    });
  });
}
