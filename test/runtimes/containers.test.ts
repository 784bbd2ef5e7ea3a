import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/machine/simulated.ts';
import {
  keptArguments,
  keptEnvironment,
  servesOllama,
  withoutSecrets,
} from '../../src/runtimes/containers/environment.ts';
import { joinNetworks, readNetworks, readPodmanNetworks } from '../../src/runtimes/containers/networks.ts';
import { readContainer, readContainerList } from '../../src/runtimes/containers/read.ts';
import { keptOfAnswer } from '../../src/runtimes/docker/kept.ts';
import { listContainers, takeInventory } from '../../src/runtimes/index.ts';
import type { RuntimeEndpoint } from '../../src/facts/containers.ts';
import { engineAnswer, engineText } from './fixtures.ts';

const docker = {
  runtime: 'docker',
  endpoint: 'unix:///var/run/docker.sock',
  product: 'docker-engine',
} as const;
const podman = { runtime: 'podman', endpoint: 'unix:///run/podman/podman.sock', product: 'podman' } as const;
const networks = readNetworks(engineAnswer('20.10', 'networks'));

describe('a container as the engine describes it', () => {
  test('Docker 20.10: name without its slash, networks with bridge and gateway, compose, and no secret', () => {
    const container = readContainer(engineAnswer('20.10', 'inspect-archon-server'), docker, networks);
    expect(container).toMatchObject({
      ...docker,
      name: 'archon-server',
      image: 'app:1',
      state: 'running',
      pid: expect.any(Number) as unknown,
      networkMode: 'archon_default',
      extraHosts: ['host.docker.internal:host-gateway'],
      env: { OLLAMA_URL: 'http://host.docker.internal:11434' },
      compose: { project: 'archon', service: 'server', configFiles: [] },
      servesOllama: false,
    });
    expect(container?.networks).toEqual([
      {
        name: 'archon_default',
        id: expect.stringMatching(/^f18c0593a683/u) as unknown,
        driver: 'bridge',
        internal: false,
        address: '172.18.0.2',
        subnets: [{ subnet: '172.18.0.0/16', gateway: '172.18.0.1' }],
        bridge: 'br-f18c0593a683',
        aliases: expect.any(Array) as unknown,
        pinned: true,
      },
    ]);
    expect(JSON.stringify(container)).not.toMatch(/SECRET|sk-1|abc/u);
  });

  test('Docker 26.1 gives the same container', () => {
    const own = readNetworks(engineAnswer('26.1', 'networks'));
    expect(readContainer(engineAnswer('26.1', 'inspect-archon-server'), docker, own)).toMatchObject({
      name: 'archon-server',
      networks: [{ address: '172.18.0.2', bridge: expect.stringMatching(/^br-[0-9a-f]{12}$/u) as unknown }],
      env: { OLLAMA_URL: 'http://host.docker.internal:11434' },
    });
  });

  test('Podman names its bridges itself', () => {
    const own = readPodmanNetworks(engineAnswer('podman-5.4', 'networks'));
    expect(readContainer(engineAnswer('podman-5.4', 'inspect-web'), podman, own)?.networks).toMatchObject([
      { name: 'webnet', bridge: 'podman1', subnets: [{ subnet: '10.89.0.0/24', gateway: '10.89.0.1' }] },
    ]);
    expect(readContainer(engineAnswer('podman-5.4', 'inspect-plain'), podman, own)?.networks).toMatchObject([
      { name: 'podman', bridge: 'podman0', pinned: true },
    ]);
  });

  test('the host’s network, published ports, a server, and one that has exited', () => {
    const read = (name: string) => readContainer(engineAnswer('20.10', `inspect-${name}`), docker, networks);
    expect(read('agent')).toMatchObject({
      networkMode: 'host',
      env: { STIGMER_LLM_BASE_URL: 'http://localhost:11434' },
    });
    expect(read('server')).toMatchObject({
      servesOllama: true,
      ports: [{ hostAddress: '127.0.0.1', hostPort: 12345, containerPort: 11434 }],
    });
    const gone = read('gone');
    expect(gone?.state).toBe('exited');
    expect(gone).not.toHaveProperty('pid');
  });

  test('an argument’s address is kept without user, password and query', () => {
    expect(readContainer(engineAnswer('20.10', 'inspect-cli'), docker, networks)?.argumentsWithUrl).toEqual([
      'http://host.docker.internal:11434/v1',
    ]);
  });

  test('the docker0 network of 20.10 gets its gateway from the container', () => {
    const bridge = joinNetworks({ bridge: { Gateway: '172.17.0.1', IPAddress: '172.17.0.2' } }, networks);
    expect(bridge).toMatchObject([
      { bridge: 'docker0', pinned: true, subnets: [{ subnet: '172.17.0.0/16', gateway: '172.17.0.1' }] },
    ]);
  });

  test('a list leaves our own helpers out', () => {
    const names = readContainerList(engineAnswer('20.10', 'containers')).map((one) => one.name);
    expect(names).toContain('archon-server');
    expect(names).toContain('gone');
    expect(names).not.toContain('pinned-helper');
  });

  test('no answer of any shape makes it throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const inspect = {
          Id: 'x',
          Config: value,
          State: value,
          HostConfig: value,
          NetworkSettings: { Networks: value, Ports: value },
        };
        expect(readContainer(inspect, docker, readNetworks(value))?.id).toBe('x');
        expect(readContainerList(value)).toBeInstanceOf(Array);
        expect(readPodmanNetworks(value)).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('what is kept of environments and arguments', () => {
  test.each([
    ['OLLAMA_BASE_URL', 'http://h:11434', 'http://h:11434'],
    ['OPENAI_API_BASE_URL', 'https://me:pw@h/v1?api_key=1', 'https://h/v1'],
    ['STIGMER_LLM_BASE_URL', 'http://localhost:11434', 'http://localhost:11434'],
    ['ollama_host', 'h', 'h'],
    ['HTTP_PROXY', 'http://me:pw@proxy:3128', 'http://proxy:3128'],
    ['NO_PROXY', 'localhost,.local', 'localhost,.local'],
    ['CONFIG', '{"key":"sk-1","url":"http://h:11434/api"}', 'http://h:11434/api'],
    ['OPENAI_API_KEY', 'sk-1', undefined],
    ['DATABASE_URL', 'postgres://me:pw@db/x', undefined],
    ['PORT', '114345', undefined],
    ['NODE_USE_ENV_PROXY', '1', '1'],
    ['NODE_USE_ENV_PROXY', 'whatever', undefined],
  ])('%s=%s', (name, value, kept) => {
    expect(keptEnvironment([`${name}=${value}`])).toEqual(kept === undefined ? {} : { [name]: kept });
  });

  test.each([
    [['app', '--ollama-url', 'http://h:8080', '--token', 'x'], ['--ollama-url=http://h:8080']],
    [['app', '--ollama-host=h', '--verbose'], ['--ollama-host=h']],
    [['app', '--base-url', 'http://u:p@h:11434/v1'], ['--base-url=http://h:11434/v1']],
    [['sh', '-c', 'run --llm http://h:11434 && echo $PASSWORD'], ['http://h:11434']],
    [['app', '--db-url', 'postgres://me:pw@db'], []],
    [['socat', 'TCP-LISTEN:11434,fork', 'TCP:10.0.0.5:11434'], ['10.0.0.5:11434']],
    [['proxy', '--listen', '0.0.0.0:11434', '-p', '11434:11434'], []],
    [['litellm', '--api_base', 'http://ollama:11434'], ['--api_base=http://ollama:11434']],
  ])('%j', (argv, kept) => {
    expect(keptArguments(argv)).toEqual(kept);
  });

  test('no user name or password survives, whatever it is', () => {
    const word = fc.stringMatching(/^[a-z0-9%.!$]{1,12}$/u);
    fc.assert(
      fc.property(word, word, (user, password) => {
        expect(withoutSecrets(`http://${user}:${password}@h:11434/v1`)).toBe('http://h:11434/v1');
        expect(keptEnvironment([`X=see http://${user}:${password}@h:11434`])).toEqual({
          X: 'http://h:11434',
        });
      }),
    );
  });

  test.each([
    ['ollama/ollama:latest', ['/bin/ollama', 'serve'], true],
    ['ollama/ollama', ['/entrypoint.sh'], true],
    ['ghcr.io/me/ollama@sha256:1', [], true],
    ['debian', ['sh', '-c', 'ollama serve & wait'], true],
    ['ollama/ollama', ['/bin/sh', '-c', 'sleep 3; ollama pull llama3'], false],
    ['ollama/ollama', ['/bin/ollama', 'run', 'llama3'], false],
    ['me/ollama-webui', ['start'], false],
    ['me/app', ['python', 'serve.py'], false],
  ])('%s %j serves Ollama: %s', (image, argv, serves) => {
    expect(servesOllama(image, argv, [])).toBe(serves);
  });

  test('Open WebUI with a bundled Ollama serves itself', () => {
    expect(servesOllama('open-webui:ollama', ['bash', 'start.sh'], ['USE_OLLAMA_DOCKER=true'])).toBe(true);
    expect(servesOllama('open-webui:main', ['bash', 'start.sh'], ['USE_OLLAMA_DOCKER=false'])).toBe(false);
  });
});

describe('what a recording keeps of an engine’s answers', () => {
  const inspects = ['archon-server', 'agent', 'cli', 'server', 'gone'];

  test.each(inspects)('inspect %s reads the same, and holds nothing else', (name) => {
    const path = `/containers/${name}/json`;
    const kept = keptOfAnswer(path, engineText('20.10', `inspect-${name}`)) ?? '';
    const read = (answer: unknown) => readContainer(answer, docker, networks);
    expect(read(JSON.parse(kept))).toEqual(read(engineAnswer('20.10', `inspect-${name}`)));
    expect(kept).not.toMatch(/SECRET|sk-1|"abc"|"secret"|me:|MergedDir|MacAddress|\bkey=/u);
  });

  test('lists, networks, version and info read the same', () => {
    const kept = (engine: string, path: string, name: string): unknown =>
      JSON.parse(keptOfAnswer(path, engineText(engine, name)) ?? 'null');
    expect(readContainerList(kept('20.10', '/v1.41/containers/json?all=1', 'containers'))).toEqual(
      readContainerList(engineAnswer('20.10', 'containers')),
    );
    expect(readNetworks(kept('26.1', '/networks', 'networks'))).toEqual(
      readNetworks(engineAnswer('26.1', 'networks')),
    );
    expect(readPodmanNetworks(kept('podman-5.4', '/v4.0.0/libpod/networks/json', 'networks'))).toEqual(
      readPodmanNetworks(engineAnswer('podman-5.4', 'networks')),
    );
    expect(kept('26.1', '/info', 'info')).toMatchObject({
      OperatingSystem: expect.stringMatching(/Debian/u) as unknown,
    });
    expect(JSON.stringify(kept('26.1', '/info', 'info'))).not.toMatch(
      /DockerRootDir|RegistryConfig|HttpProxy/u,
    );
  });

  test('what these readers do not read is not kept', () => {
    expect(keptOfAnswer('/containers/x/logs', '{"a":1}')).toBeUndefined();
    expect(keptOfAnswer('/version', '<html>')).toBeUndefined();
  });
});

describe('listing', () => {
  const answers: RuntimeEndpoint = {
    runtime: 'docker',
    endpoint: docker.endpoint,
    foundBy: 'default socket',
    state: { state: 'answers', version: '26', apiVersion: '1.45', product: 'docker-engine', rootless: false },
  };
  const at = (path: string): string => `/var/run/docker.sock ${path}`;
  const listed = [
    { Id: 'aaa', Names: ['/gone'], Image: 'x', State: 'exited' },
    { Id: 'bbb', Names: ['/web'], Image: 'y', State: 'running' },
  ];

  test('running ones first; one that goes away in between keeps its name', async () => {
    const machine = simulate({
      request: {
        [at('/containers/json?all=1')]: { status: 200, body: listed },
        [at('/networks')]: { status: 200, body: engineAnswer('26.1', 'networks') },
        [at('/containers/bbb/json')]: {
          status: 200,
          body: { Id: 'bbb', Name: '/web', State: { Status: 'running' } },
        },
        [at('/containers/aaa/json')]: { status: 404, body: { message: 'No such container: aaa' } },
      },
    });
    const looked = await takeInventory(machine, [answers]);
    expect(looked).toMatchObject({
      state: 'seen',
      value: {
        containers: [
          { name: 'web', state: 'running' },
          { name: 'gone', state: 'exited', env: {} },
        ],
        defaultNetworks: [{ engine: docker, network: { name: 'bridge', bridge: 'docker0' } }],
      },
    });
    expect(machine.asked).toHaveLength(4);
  });

  test('one in another’s network has the other’s networks', async () => {
    const inspect = (Id: string, NetworkMode: string, Networks: unknown) => ({
      status: 200,
      body: {
        Id,
        Name: `/${Id}`,
        State: { Status: 'running' },
        HostConfig: { NetworkMode },
        NetworkSettings: { Networks },
      },
    });
    const machine = simulate({
      request: {
        [at('/containers/json?all=1')]: { status: 200, body: listed },
        [at('/networks')]: { status: 500 },
        [at('/containers/aaa/json')]: inspect('aaa', 'container:bbb', {}),
        [at('/containers/bbb/json')]: inspect('bbb', 'n', { n: { IPAddress: '172.18.0.9' } }),
      },
    });
    const looked = await listContainers(machine, [answers]);
    const found = looked.state === 'seen' ? looked.value.find((one) => one.name === 'aaa') : undefined;
    expect(found).toMatchObject({
      networkMode: 'container:bbb',
      joined: { name: 'bbb', networkMode: 'n' },
      networks: [{ name: 'n', address: '172.18.0.9' }],
    });
  });

  test('a rootless engine’s bridges are none of this host’s, though one here may have the same name', async () => {
    const own = {
      status: 200,
      body: { Id: 'bbb', Name: '/web', NetworkSettings: { Networks: { bridge: {} } } },
    };
    const machine = simulate({
      request: {
        [at('/containers/json?all=1')]: { status: 200, body: listed.slice(1) },
        [at('/networks')]: { status: 200, body: engineAnswer('26.1', 'networks') },
        [at('/containers/bbb/json')]: own,
      },
    });
    const bridgeSeen = async (rootless: boolean): Promise<unknown> => {
      const state = { ...answers.state, rootless } as RuntimeEndpoint['state'];
      const looked = await listContainers(machine, [{ ...answers, state }]);
      return looked.state === 'seen'
        ? looked.value.map((one) => [one.rootless, one.networks[0]?.bridge])
        : [];
    };
    expect(await bridgeSeen(false)).toEqual([[undefined, 'docker0']]);
    expect(await bridgeSeen(true)).toEqual([[true, undefined]]);
  });

  test('an engine that answers at two sockets has its containers once', async () => {
    const list = { status: 200, body: listed.slice(1) };
    const machine = simulate({
      request: {
        [at('/containers/json?all=1')]: list,
        '/run/other.sock /containers/json?all=1': list,
      },
    });
    const twice = [answers, { ...answers, endpoint: 'unix:///run/other.sock' }];
    const looked = await listContainers(machine, twice);
    expect(looked).toMatchObject({ state: 'seen', value: [{ name: 'web' }] });
    expect(looked.state === 'seen' && looked.value).toHaveLength(1);
  });

  test('no engine is "absent", one that cannot list is "unavailable" and says why', async () => {
    const refused = simulate({});
    expect(await listContainers(refused, [])).toEqual({ state: 'absent', evidence: [] });
    const broken = simulate({
      request: { [at('/containers/json?all=1')]: { status: 500, body: { message: 'disk full' } } },
    });
    expect(await listContainers(broken, [answers])).toMatchObject({
      state: 'unavailable',
      reason: expect.stringMatching(/500: disk full/u) as unknown,
    });
  });
});
