import { describe, expect, it } from 'vitest';
import { placeOf } from '../../src/compose/index.ts';
import { findingsOf, found } from './projects.ts';

const url = 'OLLAMA_URL=http://localhost:11434';
const web = (rest: string, value = url): string =>
  `  web: {image: app, environment: ["${value}"], ${rest}}\n`;
const ollama = (rest = ''): string => `  ollama: {image: ollama/ollama, ${rest}}\n`;
const project = (...services: string[]): string => `services:\n${services.join('')}`;

describe('an Ollama URL in a compose file', () => {
  it.each([
    ['localhost', web(''), ['url-localhost web']],
    ['127.0.0.1', web('', 'OLLAMA_URL=127.0.0.1:11434'), ['url-localhost web']],
    ['::1', web('', 'OLLAMA_URL=http://[::1]:11434'), ['url-localhost web']],
    ['0.0.0.0 of a client', web('', 'OLLAMA_BASE_URL=http://0.0.0.0:11434'), ['url-localhost web']],
    ['localhost with network_mode: host', web('network_mode: host'), []],
    [
      'localhost of Open WebUI with an Ollama in its image',
      '  ui: {image: "ghcr.io/open-webui/open-webui:v0.6.5-ollama", environment: ["OLLAMA_BASE_URL=http://localhost:11434"]}\n',
      [],
    ],
    [
      'localhost of a server itself',
      '  o: {image: ollama/ollama, environment: ["OLLAMA_HOST=0.0.0.0"]}\n',
      [],
    ],
    ['localhost beside a server', ollama() + web('network_mode: "service:ollama"'), []],
    ['localhost in what a browser uses', web('', 'NEXT_PUBLIC_OLLAMA_URL=http://localhost:11434'), []],
    ['a variable that is not set', web('', 'OLLAMA_URL=${WHERE}'), []],
    ['no network', web('network_mode: none', 'OLLAMA_URL=http://ollama:11434'), ['route-missing web']],
    [
      'the host without extra_hosts',
      web('', 'OLLAMA_URL=http://host.docker.internal:11434'),
      ['dns-missing web'],
    ],
    [
      'the host with it',
      web(
        'extra_hosts: ["host.docker.internal:host-gateway"]',
        'OLLAMA_URL=http://host.docker.internal:11434',
      ),
      [],
    ],
    [
      'the host with it as a map',
      web(
        'extra_hosts: {host.docker.internal: host-gateway}',
        'OLLAMA_URL=http://host.docker.internal:11434',
      ),
      [],
    ],
    [
      'the host by name on its own network',
      web('network_mode: host', 'OLLAMA_URL=http://host.docker.internal:11434'),
      ['dns-missing web'],
    ],
    ['an address', web('', 'OLLAMA_URL=http://172.17.0.1:11434'), []],
    ['a name with dots', web('', 'OLLAMA_URL=https://ollama.example.com'), []],
    ['a service', ollama() + web('', 'OLLAMA_URL=http://ollama:11434'), []],
    ['a container name', ollama('container_name: llm') + web('', 'OLLAMA_URL=http://llm:11434'), []],
    [
      'an alias',
      ollama('networks: {default: {aliases: [llm]}}') + web('', 'OLLAMA_URL=http://llm:11434'),
      [],
    ],
    ['a link', ollama() + web('links: ["ollama:llm"]', 'OLLAMA_URL=http://llm:11434'), []],
    ['nobody', ollama() + web('', 'OLLAMA_URL=http://olama:11434'), ['dns-missing web']],
    [
      'nobody, where others may be on the network',
      `${web('networks: [shared]', 'OLLAMA_URL=http://ollama:11434')}networks: {shared: {external: true}}\n`,
      [],
    ],
    [
      'the published port',
      ollama('ports: ["11435:11434"]') + web('', 'OLLAMA_URL=http://ollama:11435'),
      ['url-wrong-port web'],
    ],
    ['no port', ollama() + web('', 'OLLAMA_URL=http://ollama'), ['url-wrong-port web']],
    ['a bare name', ollama() + web('', 'OLLAMA_HOST=ollama'), []],
    ['https', ollama() + web('', 'OLLAMA_URL=https://ollama:11434'), ['url-https web']],
    [
      'a service on the host’s network',
      ollama('network_mode: host') + web('', 'OLLAMA_URL=http://ollama:11434'),
      ['url-alias web'],
    ],
    [
      'other networks',
      `${ollama('networks: [a]')}${web('networks: [b]', 'OLLAMA_URL=http://ollama:11434')}networks: {a: {}, b: {}}\n`,
      ['dns-missing web'],
    ],
    [
      'a server that listens on loopback',
      ollama('environment: {OLLAMA_HOST: 127.0.0.1}') + web('', 'OLLAMA_URL=http://ollama:11434'),
      ['bind-loopback ollama'],
    ],
    ['no URL', web('', 'OLLAMA_URL=http://'), ['url-invalid web']],
    [
      '/v1 for a native client',
      web(
        'extra_hosts: ["host.docker.internal:host-gateway"]',
        'OLLAMA_BASE_URL=http://host.docker.internal:11434/v1',
      ),
      ['url-path web'],
    ],
    [
      '/api for a native client',
      ollama() + web('', 'OLLAMA_BASE_URL=http://ollama:11434/api'),
      ['url-path web'],
    ],
    [
      'no /v1 for an OpenAI client',
      ollama() + web('', 'OPENAI_API_BASE_URL=http://ollama:11434'),
      ['url-path web'],
    ],
    ['/v1 for an OpenAI client', ollama() + web('', 'OPENAI_API_BASE_URL=http://ollama:11434/v1'), []],
    [
      'an internal network',
      `${web('networks: [a], extra_hosts: ["host.docker.internal:host-gateway"]', 'OLLAMA_URL=http://host.docker.internal:11434')}networks: {a: {internal: true}}\n`,
      ['route-missing web'],
    ],
    [
      'quotes that a list keeps as they stand',
      `  web: {image: app, environment: ['OLLAMA_BASE_URL="http://ollama:11434"']}\n${ollama()}`,
      ['url-invalid web'],
    ],
    ['a scheme without its colon', web('', 'OLLAMA_BASE_URL=http//ollama:11434'), ['url-invalid web']],
    [
      '/api in an argument',
      `${ollama()}  web: {image: app, command: ["--ollama-url=http://ollama:11434/api"]}\n`,
      ['warn url-path web'],
    ],
    [
      'an argument',
      '  web: {image: app, command: ["--ollama-url", "http://localhost:11434"]}\n',
      ['url-localhost web'],
    ],
  ])('%s', async (_, services, expected) => {
    expect(await found(project(services))).toEqual(expected);
  });

  it('is told with its line, and mended by the name of the service or the host', async () => {
    const [own] = await findingsOf(project(ollama(), web('')));
    expect(own && placeOf(own.at)).toMatchObject({ file: '/p/compose.yaml', line: 3 });
    expect(own?.instructions).toEqual(['set OLLAMA_URL to http://ollama:11434']);
    const [host] = await findingsOf(project(web('', 'OLLAMA_URL=localhost')));
    expect(host?.instructions).toEqual([
      'set OLLAMA_URL to host.docker.internal',
      'add to service web: extra_hosts: ["host.docker.internal:host-gateway"]',
    ]);
    const [other] = await findingsOf(project(web('', 'OPENAI_BASE_URL=http://localhost:11434/v1')));
    expect(other?.instructions[0]).toBe('set OPENAI_BASE_URL to http://host.docker.internal:11434/v1');
  });

  it('proposes no service that another profile keeps apart, and no choice between two', async () => {
    const apart = project('  a: {image: ollama/ollama, profiles: [gpu]}\n', web('profiles: [cpu]'));
    expect((await findingsOf(apart))[0]?.instructions[0]).toBe(
      'set OLLAMA_URL to http://host.docker.internal:11434',
    );
    const two = project('  a: {image: ollama/ollama}\n  b: {image: ollama/ollama}\n', web(''));
    expect((await findingsOf(two))[0]).toMatchObject({
      instructions: ['set OLLAMA_URL to one of: http://a:11434, http://b:11434'],
      cures: [],
    });
  });

  it('is judged by the engine that is here', async () => {
    const named = project(web('', 'OLLAMA_URL=http://host.docker.internal:11434'));
    expect(await found(named, { product: 'docker-engine', platform: 'darwin' })).toEqual(['dns-missing web']);
    for (const product of ['docker-desktop', 'orbstack', 'colima', 'rancher-desktop', 'podman'] as const) {
      expect(await found(named, { product })).toEqual([]);
    }
    expect(await found(named, { platform: 'darwin' })).toEqual([]);
    const given = project(
      web(
        'extra_hosts: ["host.docker.internal:host-gateway"]',
        'OLLAMA_URL=http://host.docker.internal:11434',
      ),
    );
    expect(await found(given, { product: 'rancher-desktop' })).toEqual(['dns-wrong-address web']);
    const rootless = await findingsOf(named, { product: 'docker-engine', rootless: true });
    expect(rootless).toMatchObject([{ code: 'dns-missing', cures: [] }]);
    const loopback = project(
      ollama('ports: ["127.0.0.1:11434:11434"]'),
      web(
        'extra_hosts: ["host.docker.internal:host-gateway"]',
        'OLLAMA_URL=http://host.docker.internal:11434',
      ),
    );
    expect(await found(loopback)).toEqual(['bind-loopback web']);
    expect(await found(loopback, { product: 'docker-desktop' })).toEqual([]);
  });
});

it('sends nobody to the Ollama inside Open WebUI’s image, which listens on loopback there', async () => {
  const ui = '  ui: {image: "ghcr.io/open-webui/open-webui:ollama"}\n';
  const [finding] = await findingsOf(project(ui, web('')));
  expect(finding?.cures).toMatchObject([{ to: 'http://host.docker.internal:11434' }, { kind: 'add-host' }]);
});

describe('the URL that mends a path', () => {
  it.each([
    ['OPENAI_API_BASE=http://ollama:11434', 'http://ollama:11434/v1'],
    ['OPENAI_BASE_URL=http://ollama:11434/', 'http://ollama:11434/v1'],
    ['OPENAI_BASE_URL=http://ollama:11434/api', 'http://ollama:11434/v1'],
    ['OLLAMA_BASE_URL=http://ollama:11434/v1', 'http://ollama:11434'],
    ['OLLAMA_BASE_URL=ollama:11434/api', 'ollama:11434'],
  ])('of %s', async (setting, better) => {
    const [finding] = await findingsOf(project(ollama(), web('', setting)));
    expect(finding).toMatchObject({ code: 'url-path', cures: [{ kind: 'set-url', to: better }] });
  });
});

describe('ports and order in a compose file', () => {
  const two = (one: string, other: string, profiles = ['', '']): string =>
    project(
      `  a: {image: ollama/ollama, ports: ["${one}"], ${profiles[0]}}\n`,
      `  b: {image: ollama/ollama, ports: ["${other}"], ${profiles[1]}}\n`,
    );

  it.each([
    ['the same port twice', two('11434:11434', '11434:11434'), ['port-conflict b']],
    ['two ports', two('11434:11434', '11435:11434'), []],
    ['two addresses', two('127.0.0.1:11434:11434', '192.0.2.1:11434:11434'), []],
    ['all addresses and one', two('11434:11434', '127.0.0.1:11434:11434'), ['port-conflict b']],
    ['two profiles', two('11434:11434', '11434:11434', ['profiles: [cpu]', 'profiles: [gpu]']), []],
    ['one profile', two('11434:11434', '11434:11434', ['', 'profiles: [gpu]']), ['warn port-conflict b']],
    ['an engine that picks the port', two('11434', '11434'), []],
  ])('%s', async (_, text, expected) => {
    expect(await found(text)).toEqual(expected);
  });

  it('clash with who has the port on this host, unless it is the service itself', async () => {
    const text = two('11434:11434', '11435:11434');
    const holder = { port: 11434, address: '127.0.0.1', who: 'ollama (PID 84)' };
    expect(await found(text, { holders: [holder] })).toEqual(['port-conflict a']);
    const itself = { ...holder, compose: { project: 'p', service: 'a' } };
    expect(await found(text, { holders: [itself] })).toEqual([]);
    const other = { ...holder, compose: { project: 'q', service: 'a' } };
    expect(await found(text, { holders: [other] })).toEqual(['port-conflict a']);
  });

  it('warns of depends_on that does not wait, and fails one that waits for ever', async () => {
    const client = (depends: string): string =>
      web(`depends_on: ${depends}`, 'OLLAMA_URL=http://ollama:11434');
    const healthy = 'healthcheck: {test: [CMD, ollama, list]}';
    expect(await found(project(ollama(), client('[ollama]')))).toEqual(['warn start-order web']);
    const wait = '{ollama: {condition: service_healthy}}';
    expect(await found(project(ollama(), client(wait)))).toEqual(['start-order web']);
    expect(await found(project(ollama(healthy), client(wait)))).toEqual([]);
    expect(await found(project(ollama(healthy), client('[ollama]')))).toEqual(['warn start-order web']);
    expect(await found(project(ollama(), web('depends_on: [db]', 'OLLAMA_URL=http://ollama:11434')))).toEqual(
      [],
    );
  });
});
