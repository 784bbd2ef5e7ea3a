import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ComposeProblem } from '../../src/compose/problem.ts';
import { load, problemOf } from './projects.ts';

const value = async (...args: Parameters<typeof load>): Promise<string | undefined> =>
  (await load(...args)).services.get('web')?.environment.get('OLLAMA_URL')?.value;

async function loadOrProblem(text: string): Promise<void> {
  try {
    await load(text);
  } catch (error) {
    if (!(error instanceof ComposeProblem)) throw error;
  }
}

describe('a compose project', () => {
  it('takes environment as a map and as a list, and a bare name from outside', async () => {
    expect(await value('services: {web: {environment: {OLLAMA_URL: "http://a:11434"}}}')).toBe(
      'http://a:11434',
    );
    expect(await value('services:\n  web:\n    environment:\n      - OLLAMA_URL=http://a:11434\n')).toBe(
      'http://a:11434',
    );
    expect(await value('services: {web: {environment: [OLLAMA_URL]}}', { shell: { OLLAMA_URL: 'x' } })).toBe(
      'x',
    );
    expect(
      await value('services: {web: {environment: {OLLAMA_URL: }}}', { shell: { OLLAMA_URL: 'x' } }),
    ).toBe('x');
  });

  it('reads variables from the shell before .env', async () => {
    const files = { 'compose.yaml': 'services: {web: {environment: ["OLLAMA_URL=$U"]}}', '.env': 'U=env' };
    expect(await value(files)).toBe('env');
    expect(await value(files, { shell: { U: 'shell' } })).toBe('shell');
    expect(await value({ ...files, 'other.env': 'U=other' }, { envFiles: ['/p/other.env'] })).toBe('other');
  });

  it('takes env_file as text, list and map, under environment', async () => {
    const of = (env: string): string => `services: {web: {env_file: ${env}}}`;
    const one = { 'a.env': 'OLLAMA_URL=a', 'b.env': 'OLLAMA_URL=b' };
    expect(await value({ ...one, 'compose.yaml': of('a.env') })).toBe('a');
    expect(await value({ ...one, 'compose.yaml': of('[a.env, ./b.env]') })).toBe('b');
    expect(
      await value({ ...one, 'compose.yaml': of('[{path: a.env}, {path: no.env, required: false}]') }),
    ).toBe('a');
    expect(
      await value({
        ...one,
        'compose.yaml': 'services: {web: {env_file: a.env, environment: {OLLAMA_URL: c}}}',
      }),
    ).toBe('c');
    const missing = await load(of('no.env'));
    expect(missing.warnings).toMatchObject([{ message: 'there is no env file no.env', refuses: true }]);
  });

  it('merges anchors, the own key before the merged one, the earlier map before the later', async () => {
    const text = (own: string): string => `
x-a: &a {OLLAMA_URL: a}
x-b: &b {OLLAMA_URL: b}
services:
  web:
    environment:
      <<: [*a, *b]
      ${own}
`;
    expect(await value(text(''))).toBe('a');
    expect(await value(text('OLLAMA_URL: own'))).toBe('own');
  });

  it('extends a service of the same file and of another one, and lays its own over it', async () => {
    const base = 'services: {base: {environment: {OLLAMA_URL: base, X: "1"}, extra_hosts: ["a:1.1.1.1"]}}';
    const same = 'services: {base: {environment: {OLLAMA_URL: same}}, web: {extends: base}}';
    expect(await value(same)).toBe('same');
    const other = {
      'compose.yaml':
        'services: {web: {extends: {file: sub/base.yaml, service: base}, extra_hosts: ["b:2.2.2.2"]}}',
      'sub/base.yaml': base,
    };
    const project = await load(other);
    expect(project.services.get('web')?.environment.get('OLLAMA_URL')?.value).toBe('base');
    expect(project.services.get('web')?.extraHosts.map((one) => one.name)).toEqual(['a', 'b']);
    expect(project.files.map((file) => file.path)).toEqual(['/p/compose.yaml', '/p/sub/base.yaml']);
  });

  it('includes other projects with their own .env', async () => {
    const files = {
      'compose.yaml': 'include: [sub/compose.yaml]\nservices: {app: {image: x}}',
      'sub/compose.yaml': 'services: {web: {environment: ["OLLAMA_URL=$U"]}}',
      'sub/.env': 'U=inner',
    };
    expect(await value(files)).toBe('inner');
    expect([...(await load(files)).services.keys()]).toEqual(['web', 'app']);
  });

  it('lays files over one another: maps merged, lists joined, commands replaced, !reset and !override', async () => {
    const files = {
      'a.yaml':
        'services: {web: {command: [a], ports: ["1:1"], environment: [OLLAMA_URL=a, B=b], extra_hosts: ["a:1.1.1.1"]}}',
      'b.yaml': 'services: {web: {command: [b], ports: ["2:2"], environment: {OLLAMA_URL: b}}}',
      'c.yaml': 'services: {web: {ports: !override ["3:3"], extra_hosts: !reset []}}',
    };
    const two = (await load(files, { files: ['a.yaml', 'b.yaml'] })).services.get('web');
    expect([...(two?.environment.values() ?? [])].map((one) => one.value)).toEqual(['b', 'b']);
    expect(two?.argv.map((word) => word.value)).toEqual(['b']);
    expect(two?.ports.map((port) => port.target.from)).toEqual([1, 2]);
    const three = (await load(files, { files: ['a.yaml', 'b.yaml', 'c.yaml'] })).services.get('web');
    expect(three?.ports.map((port) => port.target.from)).toEqual([3]);
    expect(three?.extraHosts).toEqual([]);
  });

  it.each([
    ['11434', '', undefined, 11434],
    ['11434:11434', '', 11434, 11434],
    ['127.0.0.1:11435:11434', '127.0.0.1', 11435, 11434],
    ['[::1]:11434:11434', '::1', 11434, 11434],
    ['11434:11434/tcp', '', 11434, 11434],
    ['127.0.0.1::11434', '127.0.0.1', undefined, 11434],
    ['9000-9001:9000-9001', '', 9000, 9000],
  ])('reads the port %s', async (text, address, published, target) => {
    const port = (await load(`services: {web: {ports: ["${text}"]}}`)).services.get('web')?.ports[0];
    expect(port).toMatchObject({ hostAddress: address, target: { from: target } });
    expect(port?.published?.from).toBe(published);
  });

  it('reads ports, hosts and dependencies in long syntax', async () => {
    const text = `
services:
  web:
    ports: [{target: 11434, published: "11434", host_ip: 127.0.0.1, protocol: tcp}]
    extra_hosts: {host.docker.internal: host-gateway, six: "[::1]"}
    depends_on: {db: {condition: service_healthy, required: false}}
`;
    const web = (await load(text)).services.get('web');
    expect(web?.ports).toMatchObject([{ hostAddress: '127.0.0.1', published: { from: 11434 } }]);
    expect(web?.extraHosts.map((one) => `${one.name} ${one.address}`)).toEqual([
      'host.docker.internal host-gateway',
      'six ::1',
    ]);
    expect(web?.dependsOn.get('db')).toMatchObject({ condition: 'service_healthy', required: false });
  });

  it('warns of variables that are not set, once a place, with compose’s own rule: empty', async () => {
    const project = await load(
      'services: {web: {environment: ["OLLAMA_URL=http://${H}:${P:-1}"], image: "${H}"}}',
    );
    expect(project.services.get('web')?.environment.get('OLLAMA_URL')?.value).toBe('http://:1');
    expect(project.warnings.map((one) => one.message)).toEqual(
      Array(2).fill('the variable H is not set: it is empty here'),
    );
  });
});

describe('a compose file that cannot be understood', () => {
  it.each([
    ['', '/p/compose.yaml is empty'],
    ['\n\n', '/p/compose.yaml is empty'],
    ['# nothing\n', '/p/compose.yaml is empty but for comments'],
    ['services:\n  web:\n\timage: x\n', /^\/p\/compose\.yaml:3:1: not valid YAML: a tab/u],
    ['services:\n  web: [\n', /^\/p\/compose\.yaml:\d:\d+: not valid YAML/u],
    [
      'services:\n  web: {}\n  web: {}\n',
      '/p/compose.yaml:3:3: not valid YAML: this key is there twice in the same map',
    ],
    ['- a\n- b\n', '/p/compose.yaml:1:1: /p/compose.yaml is no compose file: it has no services'],
    ['hello', '/p/compose.yaml:1:1: /p/compose.yaml is no compose file: it has no services'],
    [
      'name: x\nvolumes: {}\n',
      '/p/compose.yaml is no compose file: it has no services (its keys are name, volumes)',
    ],
    ['web:\n  image: x\n', '/p/compose.yaml has services at its top, as Compose files of version 1 had'],
    ['services: [a]\n', '/p/compose.yaml:1:11: services must be a map'],
    ['services: {web: [a]}\n', '/p/compose.yaml:1:17: service web must be a map'],
    ['services: {web: {environment: [[a]]}}\n', '/p/compose.yaml:1:32: environment takes texts'],
    ['services: {web: {image: *nobody}}\n', '/p/compose.yaml:1:25: there is no anchor &nobody before this'],
    ['services: {web: {image: "${"}}\n', "/p/compose.yaml:1:25: invalid interpolation format in '${'"],
    ['services: {web: {ports: ["no:port:at:all"]}}\n', '/p/compose.yaml:1:26: no:port:at:all is no port'],
    [
      'services: {a: {extends: b}, b: {extends: a}}\n',
      '/p/compose.yaml:1:12: service a extends itself: a -> b -> a',
    ],
    ['services: {a: {extends: nobody}}\n', '/p/compose.yaml:1:25: there is no service nobody to extend'],
    ['include: [compose.yaml]\nservices: {}\n', /includes itself/u],
  ])('%j', async (text, message) => {
    expect(await problemOf(text)).toMatch(message);
  });

  it('is told by its bytes when it is no text', async () => {
    expect(await problemOf('\u{7f}ELF\0\0\0')).toBe('/p/compose.yaml is no text');
  });

  it('is not blown up by aliases or merge keys', async () => {
    const levels = Array.from({ length: 40 }, (_, index) =>
      index === 0 ? 'x0: &x0 {a: b}' : `x${index}: &x${index} {a: *x${index - 1}, b: *x${index - 1}}`,
    );
    const begun = process.cpuUsage();
    await load(`${levels.join('\n')}\nservices: {web: {image: x}}\n`);
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(2000);
    const wide = Array.from({ length: 500 }, (_, index) => `k${index}: 1`).join(', ');
    const merges = Array.from({ length: 400 }, (_, index) => `m${index}: {<<: [*w, *w]}`).join('\n');
    expect(await problemOf(`w: &w {${wide}}\n${merges}\nservices: {}\n`)).toMatch(/blow this file up/u);
  });

  it('is told to be too deep, and does not end the program', async () => {
    expect(await problemOf(`services: ${'['.repeat(20_000)}`)).toMatch(/compose\.yaml:\d+:\d+: /u);
  });

  it('never throws anything but a problem', async () => {
    const pieces = fc.constantFrom(
      'services:',
      '\n',
      '  ',
      'web:',
      ' ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '&a',
      '*a',
      '<<: *a',
      'environment:',
      '"',
      "'",
      'OLLAMA_URL=http://localhost:11434',
      '${X:-',
      ': ',
      '|',
      'ports:',
      'extends:',
      'image: ollama/ollama',
      '!reset',
      '\t',
      '#',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 5, arbitrary: pieces }, fc.string()), { maxLength: 40 }),
        async (parts) => {
          await expect(loadOrProblem(parts.join(''))).resolves.toBeUndefined();
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is read fast with 5,000 lines', async () => {
    const service = (index: number): string =>
      `  s${index}:\n    image: x\n    environment:\n      - OLLAMA_URL=http://ollama:11434\n      - A=\${B:-c}\n`;
    const text = `services:\n${Array.from({ length: 1000 }, (_, index) => service(index)).join('')}`;
    // Of the processor, as other tests run beside this one.
    const begun = process.cpuUsage();
    expect((await load(text)).services.size).toBe(1000);
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(3000);
  });
});
