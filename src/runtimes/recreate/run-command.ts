import { typed } from '../../changes/typed.ts';
import { keptEnvironment } from '../containers/environment.ts';
import { type Fields, fields, list, number, text, texts, words } from '../docker/fields.ts';

/** What the new container has that the old one has not. */
export interface RunChange {
  set?: { name: string; value: string };
  /** A name for the host. */
  addHost?: string;
}

export interface RunCommand {
  /** To be typed one after the other. */
  commands: string[];
  /** What the new container will not have, and what is to be filled in; in words. */
  losses: string[];
}

/**
 * The words that make a container again with a change, from what `inspect` says of it and of its image. Values of
 * variables are shown only where the doctor reads them (addresses of Ollama): the others may be secrets, and are named
 * to be filled in. What docker run cannot be told is said, never left out in silence.
 *
 * @param answer of `/containers/ID/json`
 * @param image of `/images/ID/json`; what comes from the image needs no words
 */
export function runCommand(
  answer: unknown,
  image: unknown,
  program: string,
  change: RunChange,
): RunCommand | undefined {
  const container = fields(answer);
  const config = fields(container['Config']);
  const host = fields(container['HostConfig']);
  const ofImage = fields(fields(image)['Config']);
  const name = (words(container['Name']) ?? '').replace(/^\//u, '');
  const from = words(config['Image']);
  if (name === '' || from === undefined) return undefined;
  const environment = variables(config, ofImage, change);
  const extraHosts = texts(host['ExtraHosts']);
  const added = change.addHost === undefined ? [] : [`--add-host=${change.addHost}:host-gateway`];
  const command = texts(config['Cmd']);
  const entrypoint = texts(config['Entrypoint']);
  const [first, ...rest] = same(entrypoint, texts(ofImage['Entrypoint'])) ? [] : entrypoint;
  const ownCommand = first === undefined && same(command, texts(ofImage['Cmd'])) ? [] : command;
  const options = [
    '-d',
    `--name=${name}`,
    ...restart(host),
    ...network(host, container),
    ...ports(host),
    ...mounts(host),
    ...environment.options,
    ...extraHosts.map((line) => `--add-host=${line}`),
    ...added.filter((option) => !extraHosts.some((line) => option === `--add-host=${line}`)),
    ...limits(host),
    ...plain(config, ofImage, name, container),
    ...(first === undefined ? [] : [`--entrypoint=${first}`]),
  ];
  return {
    commands: [
      typed([program, 'stop', name]),
      typed([program, 'rename', name, `${name}-old`]),
      typed([program, 'run', ...options, from, ...rest, ...ownCommand]),
      `then, when the new one does what it should: ${typed([program, 'rm', `${name}-old`])}`,
    ],
    losses: [...environment.losses, ...lost(host, container)],
  };
}

function variables(
  config: Fields,
  ofImage: Fields,
  change: RunChange,
): { options: string[]; losses: string[] } {
  const fromImage = new Set(texts(ofImage['Env']));
  const own = texts(config['Env']).filter((line) => !fromImage.has(line));
  const shown = keptEnvironment(own);
  const hidden: string[] = [];
  const options = own.flatMap((line) => {
    const name = line.split('=', 1)[0] ?? '';
    if (name === change.set?.name) return [];
    const value = shown[name];
    if (value !== undefined && line === `${name}=${value}`) return [`--env=${line}`];
    hidden.push(name);
    return [`--env=${name}`];
  });
  return {
    options: [...options, ...(change.set ? [`--env=${change.set.name}=${change.set.value}`] : [])],
    losses:
      hidden.length === 0
        ? []
        : [
            `values that may be secret are not shown; set these in your shell first (docker inspect shows them): ${hidden.join(', ')}`,
          ],
  };
}

function restart(host: Fields): string[] {
  const policy = fields(host['RestartPolicy']);
  const name = words(policy['Name']);
  if (host['AutoRemove'] === true) return ['--rm'];
  if (name === undefined || name === 'no') return [];
  const retries = number(policy['MaximumRetryCount']) ?? 0;
  return [`--restart=${name}${name === 'on-failure' && retries > 0 ? `:${retries}` : ''}`];
}

function network(host: Fields, container: Fields): string[] {
  const mode = words(host['NetworkMode']) ?? 'default';
  if (mode === 'default' || mode === 'bridge') return [];
  const aliases = texts(fields(fields(fields(container['NetworkSettings'])['Networks'])[mode])['Aliases']);
  const id = words(container['Id']) ?? '';
  return [
    `--network=${mode}`,
    ...aliases.filter((alias) => !id.startsWith(alias)).map((alias) => `--network-alias=${alias}`),
  ];
}

function ports(host: Fields): string[] {
  return Object.entries(fields(host['PortBindings'])).flatMap(([port, bindings]) =>
    list(bindings).map((binding) => {
      const { HostIp, HostPort } = fields(binding);
      const address = words(HostIp);
      const at = address === undefined ? '' : `${address.includes(':') ? `[${address}]` : address}:`;
      return `--publish=${at}${words(HostPort) ?? ''}${words(HostPort) === undefined && at === '' ? '' : ':'}${port}`;
    }),
  );
}

function mounts(host: Fields): string[] {
  const binds = texts(host['Binds']);
  const others = list(host['Mounts']).flatMap((mount) => {
    const { Type, Source, Target, ReadOnly } = fields(mount);
    const kind = words(Type);
    if (kind === undefined) return [];
    return [
      `--mount=type=${kind}${words(Source) === undefined ? '' : `,source=${text(Source)}`},target=${text(Target) ?? ''}${ReadOnly === true ? ',readonly' : ''}`,
    ];
  });
  const volumesFrom = texts(host['VolumesFrom']).map((from) => `--volumes-from=${from}`);
  const tmpfs = Object.entries(fields(host['Tmpfs'])).map(
    ([path, options]) => `--tmpfs=${path}${words(options) === undefined ? '' : `:${text(options)}`}`,
  );
  return [...binds.map((bind) => `--volume=${bind}`), ...others, ...volumesFrom, ...tmpfs];
}

/** What is often set, by the option that sets it. */
function limits(host: Fields): string[] {
  const several = (key: string, option: string): string[] =>
    texts(host[key]).map((value) => `${option}=${value}`);
  const bytes = (key: string, option: string, usual = 0): string[] => {
    const value = number(host[key]) ?? 0;
    return value > 0 && value !== usual ? [`${option}=${value}`] : [];
  };
  const cpus = number(host['NanoCpus']) ?? 0;
  const gpus = list(host['DeviceRequests']).map((request) => {
    const { Count, DeviceIDs } = fields(request);
    const ids = texts(DeviceIDs);
    return ids.length > 0
      ? `--gpus="device=${ids.join(',')}"`
      : `--gpus=${Count === -1 ? 'all' : String(number(Count) ?? 'all')}`;
  });
  return [
    ...(host['Privileged'] === true ? ['--privileged'] : []),
    ...(host['ReadonlyRootfs'] === true ? ['--read-only'] : []),
    ...(host['Init'] === true ? ['--init'] : []),
    ...several('CapAdd', '--cap-add'),
    ...several('CapDrop', '--cap-drop'),
    ...several('SecurityOpt', '--security-opt'),
    ...several('Dns', '--dns'),
    ...several('GroupAdd', '--group-add'),
    ...gpus,
    ...list(host['Devices']).map(
      (device) =>
        `--device=${text(fields(device)['PathOnHost']) ?? ''}:${text(fields(device)['PathInContainer']) ?? ''}`,
    ),
    ...bytes('Memory', '--memory'),
    ...bytes('ShmSize', '--shm-size', 67_108_864),
    ...(cpus > 0 ? [`--cpus=${cpus / 1e9}`] : []),
    ...(words(host['PidMode']) === undefined ? [] : [`--pid=${text(host['PidMode'])}`]),
    ...(words(host['IpcMode']) === undefined || /^(?:private|shareable)$/u.test(text(host['IpcMode']) ?? '')
      ? []
      : [`--ipc=${text(host['IpcMode'])}`]),
    ...(/^(?:|runc|oci|crun)$/u.test(text(host['Runtime']) ?? '')
      ? []
      : [`--runtime=${text(host['Runtime'])}`]),
  ];
}

function plain(config: Fields, ofImage: Fields, name: string, container: Fields): string[] {
  const differs = (key: string): string | undefined => {
    const value = words(config[key]);
    return value === undefined || value === text(ofImage[key]) ? undefined : value;
  };
  const user = differs('User');
  const folder = differs('WorkingDir');
  const hostname = words(config['Hostname']);
  const id = words(container['Id']) ?? '';
  const labels = Object.entries(fields(config['Labels'])).filter(
    ([key, value]) => fields(ofImage['Labels'])[key] !== value,
  );
  return [
    ...(config['Tty'] === true ? ['-t'] : []),
    ...(config['OpenStdin'] === true ? ['-i'] : []),
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...(folder === undefined ? [] : [`--workdir=${folder}`]),
    ...(hostname === undefined || id.startsWith(hostname) || hostname === name
      ? []
      : [`--hostname=${hostname}`]),
    ...labels.map(([key, value]) => `--label=${key}=${text(value) ?? ''}`),
  ];
}

/** What the new container will not have. */
function lost(host: Fields, container: Fields): string[] {
  const anonymous = list(container['Mounts']).flatMap((mount) => {
    const { Type, Name, Destination } = fields(mount);
    return Type === 'volume' && /^[0-9a-f]{64}$/u.test(text(Name) ?? '') ? [text(Destination) ?? ''] : [];
  });
  const mode = words(host['NetworkMode']) ?? '';
  const networks = Object.keys(fields(fields(container['NetworkSettings'])['Networks'])).filter(
    (network) => network !== mode && !(network === 'bridge' && mode === 'default'),
  );
  return [
    'what was written inside the container and not to a volume is not in the new one',
    ...(anonymous.length === 0
      ? []
      : [
          `the volumes without a name stay with the old one (${anonymous.join(', ')}): copy what you need of them before you remove it`,
        ]),
    ...(networks.length === 0
      ? []
      : [`it is on further networks: docker network connect ${networks.join(', ')}`]),
    ...(host['AutoRemove'] === true
      ? ['it was started with --rm: once stopped it is gone, and there is no old one to go back to']
      : []),
  ];
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, index) => word === other[index]);
}
