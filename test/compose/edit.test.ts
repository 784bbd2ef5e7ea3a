import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { editProject, type EditedProject, judge, loadProject } from '../../src/compose/index.ts';
import { simulate } from '../../src/machine/simulated.ts';

interface Given {
  files?: string[];
  shell?: Record<string, string>;
}

/** Mends what is found in a project of texts; names without a folder are in /p. */
async function edit(texts: string | Record<string, string>, given: Given = {}): Promise<EditedProject> {
  const named = typeof texts === 'string' ? { 'compose.yaml': texts } : texts;
  const machine = simulate({
    files: Object.fromEntries(Object.entries(named).map(([name, text]) => [`/p/${name}`, text])),
  });
  const request = {
    files: (given.files ?? ['compose.yaml']).map((name) => `/p/${name}`),
    shell: given.shell ?? {},
  };
  const around = { platform: 'linux', product: undefined, holders: [] } as const;
  const findings = judge(await loadProject(machine, request), around);
  return editProject(machine, request, around, findings);
}

/** The only file that changes, as it becomes. */
async function edited(texts: string | Record<string, string>, given: Given = {}): Promise<string> {
  const { files, refused } = await edit(texts, given);
  expect(refused.map((one) => one.reason)).toEqual([]);
  expect(files).toHaveLength(1);
  return files[0]?.after ?? '';
}

const hostUrl = 'OLLAMA_URL=http://host.docker.internal:11434';
const local = 'http://localhost:11434';
const host = 'http://host.docker.internal:11434';

describe('the edit that names the host', () => {
  it.each([
    [
      'behind the first short line, as deep as the file’s lists',
      `services:\n  web:\n    image: x   # why\n    environment:\n      - ${hostUrl}\n`,
      `services:\n  web:\n    image: x   # why\n    extra_hosts:\n      - "host.docker.internal:host-gateway"\n    environment:\n      - ${hostUrl}\n`,
    ],
    [
      'in lists that are not indented',
      `services:\n  web:\n    image: x\n    environment:\n    - ${hostUrl}\n`,
      `services:\n  web:\n    image: x\n    extra_hosts:\n    - "host.docker.internal:host-gateway"\n    environment:\n    - ${hostUrl}\n`,
    ],
    [
      'behind the last line where there is no short one, and no line end at the end of the file',
      `services:\n  web:\n    environment:\n      - ${hostUrl}`,
      `services:\n  web:\n    environment:\n      - ${hostUrl}\n    extra_hosts:\n      - "host.docker.internal:host-gateway"`,
    ],
    [
      'before the comment that follows',
      `services:\n  web:\n    environment:\n      - ${hostUrl}\n\n  # the other one\n  db:\n    image: y\n`,
      `services:\n  web:\n    environment:\n      - ${hostUrl}\n    extra_hosts:\n      - "host.docker.internal:host-gateway"\n\n  # the other one\n  db:\n    image: y\n`,
    ],
    [
      'as one more item, in its neighbour’s quotes',
      `services:\n  web:\n    environment: ['${hostUrl}']\n    extra_hosts:\n      - 'a:1.1.1.1' # first\n    image: x\n`,
      `services:\n  web:\n    environment: ['${hostUrl}']\n    extra_hosts:\n      - 'a:1.1.1.1' # first\n      - 'host.docker.internal:host-gateway'\n    image: x\n`,
    ],
    [
      'as one more entry of a map',
      `services:\n  web:\n    environment: ['${hostUrl}']\n    extra_hosts:\n      a: 1.1.1.1\n`,
      `services:\n  web:\n    environment: ['${hostUrl}']\n    extra_hosts:\n      a: 1.1.1.1\n      host.docker.internal: host-gateway\n`,
    ],
    [
      'in brackets',
      `services: {web: {environment: ['${hostUrl}'], extra_hosts: ["a:1.1.1.1"]}}\n`,
      `services: {web: {environment: ['${hostUrl}'], extra_hosts: ["a:1.1.1.1", "host.docker.internal:host-gateway"]}}\n`,
    ],
    [
      'in empty brackets, and with a comma at their end',
      `services:\n  web: {environment: ['${hostUrl}'], extra_hosts: []}\n`,
      `services:\n  web: {environment: ['${hostUrl}'], extra_hosts: ["host.docker.internal:host-gateway"]}\n`,
    ],
    [
      'in a service of one line',
      `services:\n  web: {environment: ['${hostUrl}'],}\n`,
      `services:\n  web: {environment: ['${hostUrl}'], extra_hosts: ["host.docker.internal:host-gateway"],}\n`,
    ],
    [
      'where the key is there with nothing behind it',
      `services:\n  web:\n    extra_hosts:\n    environment: ['${hostUrl}']\n`,
      `services:\n  web:\n    extra_hosts: ["host.docker.internal:host-gateway"]\n    environment: ['${hostUrl}']\n`,
    ],
    [
      'with CRLF',
      `services:\r\n  web:\r\n    image: x\r\n    environment: ['${hostUrl}']\r\n`,
      `services:\r\n  web:\r\n    image: x\r\n    extra_hosts:\r\n      - "host.docker.internal:host-gateway"\r\n    environment: ['${hostUrl}']\r\n`,
    ],
    [
      'as its own, where the list is another’s by an alias',
      `x-h: &h ["a:1.1.1.1"]\nservices:\n  web:\n    extra_hosts: *h\n    environment: ['${hostUrl}']\n  db: {extra_hosts: *h}\n`,
      `x-h: &h ["a:1.1.1.1"]\nservices:\n  web:\n    extra_hosts: ["a:1.1.1.1", "host.docker.internal:host-gateway"]\n    environment: ['${hostUrl}']\n  db: {extra_hosts: *h}\n`,
    ],
    [
      'as its own, where the list came in by a merge',
      `x-c: &c\n  extra_hosts: ["a:1.1.1.1"]\nservices:\n  web:\n    <<: *c\n    image: x\n    environment: ['${hostUrl}']\n`,
      `x-c: &c\n  extra_hosts: ["a:1.1.1.1"]\nservices:\n  web:\n    <<: *c\n    image: x\n    extra_hosts:\n      - "a:1.1.1.1"\n      - "host.docker.internal:host-gateway"\n    environment: ['${hostUrl}']\n`,
    ],
  ])('%s', async (_, before, after) => {
    expect(await edited(before)).toBe(after);
  });

  it('goes into the last file that has the service', async () => {
    const files = {
      'a.yaml': `services:\n  web:\n    image: x\n    environment: ['${hostUrl}']\n`,
      'b.yaml': 'services:\n  web:\n    image: y\n',
    };
    const { files: changed } = await edit(files, { files: ['a.yaml', 'b.yaml'] });
    expect(changed.map((file) => file.path)).toEqual(['/p/b.yaml']);
  });

  it('says which other service takes over an anchored one', async () => {
    const text = `services:\n  web: &web\n    image: x\n    environment: ['${hostUrl}']\n  other:\n    <<: *web\n    network_mode: none\n    environment: []\n`;
    expect((await edit(text)).alsoChanged).toEqual(['other']);
  });
});

describe('the edit that sets a URL', () => {
  const list = (word: string): string =>
    `services:\n  web:\n    extra_hosts: ["host.docker.internal:host-gateway"]\n    environment:\n      # the model server\n      - ${word}   # here\n      - OTHER=1\n`;

  it.each([
    ['plain', `OLLAMA_URL=${local}`, `OLLAMA_URL=${host}`],
    ['in single quotes', `'OLLAMA_URL=${local}'`, `'OLLAMA_URL=${host}'`],
    ['in double quotes', `"OLLAMA_URL=${local}"`, `"OLLAMA_URL=${host}"`],
    ['with a path', `OPENAI_BASE_URL=${local}/v1`, `OPENAI_BASE_URL=${host}/v1`],
    ['without a scheme', 'OLLAMA_HOST=localhost:11434', 'OLLAMA_HOST=host.docker.internal:11434'],
    ['a bare host', 'OLLAMA_HOST=localhost', 'OLLAMA_HOST=host.docker.internal'],
    ['a default', `OLLAMA_URL=\${OLLAMA_URL:-${local}}`, `OLLAMA_URL=\${OLLAMA_URL:-${host}}`],
    [
      'a default of a part',
      'OLLAMA_URL=http://${H:-localhost}:${P:-11434}',
      'OLLAMA_URL=http://${H:-host.docker.internal}:${P:-11434}',
    ],
    [
      'one of a list',
      `OLLAMA_BASE_URLS=${local};http://gpu.example.com:11434`,
      `OLLAMA_BASE_URLS=${host};http://gpu.example.com:11434`,
    ],
  ])('%s', async (_, before, after) => {
    expect(await edited(list(before))).toBe(list(after));
  });

  it('in a map, in a flow map, and in a command', async () => {
    const map = (value: string): string =>
      `services:\n  web:\n    network_mode: bridge\n    extra_hosts: {host.docker.internal: host-gateway}\n    environment:\n      OLLAMA_URL: ${value}\n`;
    expect(await edited(map(local))).toBe(map(host));
    const flow = (value: string): string =>
      `services: {web: {extra_hosts: ["host.docker.internal:host-gateway"], environment: {OLLAMA_URL: "${value}"}}}`;
    expect(await edited(flow(local))).toBe(flow(host));
    const command = (value: string): string =>
      `services:\n  web:\n    extra_hosts: ["host.docker.internal:host-gateway"]\n    command: ["--ollama-url", "${value}"]\n`;
    expect(await edited(command(local))).toBe(command(host));
  });

  it.each([
    ['http://ollama:11434', 'http://ollama:11434/v1'],
    ['"http://ollama:11434/"', '"http://ollama:11434/v1"'],
    ['${URL:-http://ollama:11434}', '${URL:-http://ollama:11434/v1}'],
  ])('of %s with the path that is missing, for all who share the line', async (before, after) => {
    const text = (value: string): string =>
      `services:\n  web: &web\n    image: x\n    environment:\n      OPENAI_BASE_URL: ${value} # why\n` +
      '  worker: {<<: *web}\n  ollama: {image: ollama/ollama}\n';
    expect(await edited(text(before))).toBe(text(after));
  });

  it('in .env or the env file, where the value is', async () => {
    const compose =
      'services: {web: {extra_hosts: ["host.docker.internal:host-gateway"], environment: ["OLLAMA_URL=${U}"]}}';
    const env = (value: string): string => `# where\r\nexport U="${value}"  # here\r\nX=1\r\n`;
    const { files } = await edit({ 'compose.yaml': compose, '.env': env(local) });
    expect(files).toEqual([{ path: '/p/.env', before: env(local), after: env(host) }]);
    const inherited =
      'services: {web: {extra_hosts: ["host.docker.internal:host-gateway"], environment: [OLLAMA_URL]}}';
    expect(await edited({ 'compose.yaml': inherited, '.env': `OLLAMA_URL=${local}\n` })).toBe(
      `OLLAMA_URL=${host}\n`,
    );
    const file = 'services: {web: {extra_hosts: ["host.docker.internal:host-gateway"], env_file: web.env}}';
    expect(await edited({ 'compose.yaml': file, 'web.env': `A=1\nOLLAMA_URL=${local}\n` })).toBe(
      `A=1\nOLLAMA_URL=${host}\n`,
    );
  });

  it('once for services that share a line and all want it', async () => {
    const text = (value: string): string =>
      `x-env: &env {OLLAMA_URL: "${value}"}\nservices:\n  ollama: {image: ollama/ollama}\n  a: {environment: *env}\n  b: {environment: *env}\n`;
    expect(await edited(text(local))).toBe(text('http://ollama:11434'));
  });

  it.each([
    [
      'a line that another service needs as it is',
      `x-env: &env {OLLAMA_URL: "${local}"}\nservices:\n  ollama: {image: ollama/ollama}\n  a: {environment: *env}\n  b: {network_mode: host, environment: *env}\n`,
      {},
      'b uses the same line: change it by hand, for both or apart',
    ],
    [
      'a variable of the shell',
      'services: {ollama: {image: ollama/ollama}, a: {environment: ["OLLAMA_URL=$U"]}}',
      { shell: { U: local } },
      'U is set in the shell, before any file: change it there, or unset it',
    ],
    [
      'a file that is not UTF-8',
      `services: {ollama: {image: "ollama/ollama"}, a: {labels: ["\u{fffd}"], environment: ["OLLAMA_URL=${local}"]}}`,
      {},
      '/p/compose.yaml has characters that are not UTF-8',
    ],
  ])('and leaves alone %s', async (_, text, given, reason) => {
    const { files, refused } = await edit(text, given);
    expect(files).toEqual([]);
    expect(refused.map((one) => one.reason)).toEqual([reason]);
  });
});

describe('edits of files of any layout', () => {
  const comment = fc.constantFrom('', '  # why', ' # a: b');
  const quote = fc.constantFrom('', "'", '"');
  const lineEnd = fc.constantFrom('\n', '\r\n');
  const others = fc.constantFrom(
    '  db:\n    image: postgres\n    environment: {A: "1", B: http://localhost:8080}\n',
    '  # nothing\n\n  cache: {image: redis, extra_hosts: ["a:1.1.1.1"]}\n',
    '  q:\n    command: >\n      run\n      it\n\n',
    '',
  );
  const layout = fc.record({
    comment,
    quote,
    lineEnd,
    before: others,
    after: others,
    step: fc.constantFrom('', '  '),
    end: fc.boolean(),
    env: fc.boolean(),
    image: fc.boolean(),
    hosts: fc.constantFrom('', 'list', 'flow', 'map'),
  });

  it('change what they are for and nothing else, by another reader’s account', async () => {
    await fc.assert(
      fc.asyncProperty(layout, async (given) => {
        const { quote: q, step } = given;
        const lines = [
          'services:',
          given.before.trimEnd(),
          `  web:${given.comment}`,
          ...(given.image ? [`    image: x${given.comment}`] : []),
          ...(given.hosts === 'list'
            ? [`    extra_hosts:`, `    ${step}- ${q}a:1.1.1.1${q}${given.comment}`]
            : []),
          ...(given.hosts === 'flow' ? [`    extra_hosts: [${q}a:1.1.1.1${q}]${given.comment}`] : []),
          ...(given.hosts === 'map' ? ['    extra_hosts:', `      a: ${q}1.1.1.1${q}${given.comment}`] : []),
          `    environment:${given.comment}`,
          ...(given.env
            ? [`    ${step}- ${q}OLLAMA_URL=${local}${q}${given.comment}`]
            : [`      OLLAMA_URL: ${q}${local}${q}${given.comment}`]),
          given.after.trimEnd(),
        ].filter((line) => line !== '');
        const text = lines.join('\n').replaceAll('\n', given.lineEnd) + (given.end ? given.lineEnd : '');
        fc.pre(given.before === '' || given.before !== given.after);
        const result = await edited(text);
        const [was, is] = [parse(text), parse(result)] as {
          services: Record<string, Record<string, unknown>>;
        }[];
        const web = was?.services['web'] ?? {};
        web['environment'] = given.env ? [`OLLAMA_URL=${host}`] : { OLLAMA_URL: host };
        web['extra_hosts'] =
          given.hosts === 'map'
            ? { a: '1.1.1.1', 'host.docker.internal': 'host-gateway' }
            : [...(given.hosts === '' ? [] : ['a:1.1.1.1']), 'host.docker.internal:host-gateway'];
        expect(is).toEqual(was);
        expect(result.endsWith(given.lineEnd)).toBe(given.end);
        expect(result.replaceAll('\r\n', '').includes('\r')).toBe(false);
        expect(result.includes('\r\n')).toBe(given.lineEnd === '\r\n');
        const comments = (all: string): number => all.split('#').length;
        expect(comments(result)).toBe(comments(text));
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
