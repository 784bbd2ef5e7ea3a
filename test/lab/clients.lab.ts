import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/schema.ts';
import { type LabHost, prepareLab } from './host/index.ts';
import { incident, incidentHost } from './scenarios/incident.ts';

const shut = (family: 4 | 6): string =>
  [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    `-A INPUT -i eth0 -p tcp -m tcp --dport 11434 -j DROP`,
    ...(family === 6 ? ['-A INPUT ! -i lo -p tcp -m tcp --dport 11434 -j DROP'] : []),
    'COMMIT',
    '',
  ].join('\n');

/** The stand-in for Ollama, as this host has it, in a container. */
const mounts = ['/usr/local/bin/ollama', '/usr/local/lib/ollama-standin'].flatMap((path) => [
  '-v',
  `${path}:${path}:ro`,
]);

/** A forward proxy that passes GETs on and gives up on the rest, or one that refuses everything, as a squid does. */
const proxy = (port: number, passes: boolean): string => `
import http.server, socketserver, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
class Proxy(http.server.BaseHTTPRequestHandler):
    def say(self, status, body, kind='text/html', more=()):
        self.send_response(status)
        for name, value in [('Content-Type', kind), ('Content-Length', str(len(body))), ('Via', '1.1 lab'), *more]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        if not ${passes ? 'True' : 'False'}:
            return self.say(503, b'<html>ERR_CONNECT_FAIL</html>', more=[('X-Squid-Error', 'ERR_CONNECT_FAIL 111')])
        url = self.path.replace('host.docker.internal', '127.0.0.1')
        answer = opener.open(url)
        self.say(answer.status, answer.read(), answer.headers['Content-Type'])
    def do_POST(self):
        self.rfile.read(int(self.headers.get('Content-Length', 0)))
        self.say(504, b'<html>Gateway Timeout</html>')
    def log_message(self, *words): pass
class Server(socketserver.ThreadingMixIn, http.server.HTTPServer): daemon_threads = True
Server(('0.0.0.0', ${port}), Proxy).serve_forever()
`;

describe('clients on a host with an Ollama of its own and one in a container', () => {
  let host: LabHost;
  let found: Report;
  const run = (name: string, env: Record<string, string>, more: object = {}) =>
    host.docker.runContainer({
      name,
      network: incident.network,
      extraHosts: ['host.docker.internal:host-gateway'],
      ...more,
      env,
    });
  const codes = (name: string): string[] =>
    found.causes.filter((one) => one.subject === `container:${name}`).map((one) => one.code);
  const url = (name: string) =>
    found.checks.find((one) => one.id === 'client-url' && one.subject === `container:${name}`);

  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({
      name: 'clients',
      bind: 'all',
      setup: async (disk) => {
        await disk.write('/etc/iptables/rules.v4', shut(4), 0o640);
        await disk.write('/etc/iptables/rules.v6', shut(6), 0o640);
      },
    });
    await run(
      'ai-ollama-1',
      { OLLAMA_HOST: '0.0.0.0' },
      {
        compose: { project: 'ai', service: 'ollama' },
        options: ['--network-alias', 'ollama', ...mounts],
        command: ['/usr/local/bin/ollama', 'serve'],
      },
    );
    await run('by-alias', { OLLAMA_BASE_URL: 'http://ollama:11434' });
    await run('agent', { STIGMER_LLM_BASE_URL: 'http://localhost:11434' }, { network: 'bridge' });
    await run(
      'agent-host',
      { STIGMER_LLM_BASE_URL: 'http://localhost:11434' },
      { network: 'host', extraHosts: [] },
    );
    await run('https', { OLLAMA_URL: 'https://host.docker.internal:11434' });
    await run('path', { OLLAMA_BASE_URL: `${incident.url}/v1` });
    await run('openai', { OPENAI_BASE_URL: `${incident.url}/v1` });
    await run('cloud', { OPENAI_BASE_URL: 'https://api.openai.com/v1' });
    await run('port', { OLLAMA_URL: 'http://ollama:8080' });
    await run('quotes', { OLLAMA_URL: '"http://host.docker.internal:11434"' });
    await run('stale', { OLLAMA_URL: 'http://172.31.0.1:11434' });
    for (const [port, passes] of [
      [3128, false],
      [3129, true],
    ] as const) {
      await host.write(`/run/proxy-${port}.py`, proxy(port, passes));
      await host.must(['systemd-run', '--collect', 'python3', `/run/proxy-${port}.py`]);
    }
    const through = (port: number) => `http://host.docker.internal:${port}`;
    await run('hijacked', { OLLAMA_URL: incident.url, HTTP_PROXY: through(3128), http_proxy: through(3128) });
    await run('proxied', { OLLAMA_URL: incident.url, HTTP_PROXY: through(3129), http_proxy: through(3129) });
    await run(
      'restarting',
      { OLLAMA_URL: incident.url },
      { command: ['sh', '-c', 'exit 4'], restart: 'always' },
    );
    await run('down', { OLLAMA_URL: 'http://localhost:11434' }, { command: ['sh', '-c', 'exit 3'] });
    const { stdout } = await host.doctor(['--json', '--timeout', '90000'], { timeoutMs: 180_000 });
    found = JSON.parse(stdout) as Report;
  });
  afterAll(() => host?.stop());

  test.each([
    ['agent', ['url-localhost']],
    ['https', ['url-https']],
    ['path', ['url-path']],
    ['port', ['url-wrong-port']],
    ['quotes', ['url-invalid']],
    ['stale', ['url-stale-gateway']],
    ['down', ['url-localhost']],
    ['hijacked', ['proxy-hijack']],
    ['restarting', ['container-down']],
  ])('%s is told %j', (name, expected) => {
    expect(codes(name)).toEqual(expected);
  });

  test.each(['by-alias', 'agent-host', 'openai', 'proxied', incident.container])(
    '%s works, and is told so',
    (name) => {
      expect(codes(name)).toEqual([]);
      expect(url(name)?.status).toBe('pass');
    },
  );

  test('a cloud’s client is none of ours, and a container that ended had a stand-in', () => {
    expect(found.checks.map((one) => one.subject)).not.toContain('container:cloud');
    const down = (name: string) =>
      found.checks.find((one) => one.code === 'container-down' && one.subject === `container:${name}`);
    expect(down('down')).toMatchObject({
      status: 'warn',
      summary: expect.stringContaining('exit code 3') as string,
    });
    expect(down('restarting')).toMatchObject({
      status: 'fail',
      summary: expect.stringMatching(/keeps restarting.*exit code 4/u) as string,
    });
  });

  test('the agent’s setting is named, with a value that was asked from there', async () => {
    expect(url('agent')?.instructions[0]).toContain(
      'set STIGMER_LLM_BASE_URL to http://host.docker.internal:11434',
    );
    expect(await host.docker.get('agent', `${incident.url}/api/tags`)).toMatchObject({ outcome: 'answered' });
  });

  test('both Ollamas are told apart: who listens, what each has, and who reaches which', () => {
    const row = found.checks.find((one) => one.id === 'port-owner');
    expect(row?.status).toBe('pass');
    const proof = row?.evidence.map(({ source, text }) => `${source}: ${text}`).join('\n');
    expect(proof).toMatch(/^localhost:11434: Ollama \d\S* with \S.*: ollama \(PID \d+\)$/mu);
    expect(proof).toMatch(/^the Ollama in ai-ollama-1: Ollama \d\S* with /mu);
    expect(proof).toContain(
      'by-alias at http://ollama:11434: reaches the Ollama in the container ai-ollama-1',
    );
    expect(proof).toContain('agent-host at http://localhost:11434: reaches the Ollama of this host');
    expect(proof).toContain(`${incident.container} at ${incident.url}: reaches the Ollama of this host`);
  });

  test('a model is asked from the containers as well: one is held up by its proxy', async () => {
    const named = ['--container', `${incident.container},proxied`, '--generate', 'llama3.2'];
    const { stdout } = await host.doctor(['--json', ...named, '--timeout', '120000'], { timeoutMs: 240_000 });
    const rows = (JSON.parse(stdout) as Report).checks.filter((one) => one.id === 'models');
    const of = (name: string) => rows.find((one) => one.subject === `container:${name}`);
    expect(of(incident.container)).toMatchObject({
      status: 'pass',
      summary: expect.stringMatching(/^llama3\.2 answers in .*, asked from /u) as string,
    });
    expect(of('proxied')).toMatchObject({
      status: 'fail',
      code: 'generate-failed',
      summary: expect.stringMatching(/through its proxy http:\S+:3129\/: HTTP 504/u) as string,
    });
  });

  test('one that cannot publish the port of the other, by whoever was first, is a conflict of the two', async () => {
    const owner = async () => {
      const { stdout } = await host.doctor(['--json', '--only', 'port-owner', '--timeout', '90000'], {
        timeoutMs: 180_000,
      });
      return (JSON.parse(stdout) as Report).checks.find((one) => one.id === 'port-owner');
    };
    const serve = ['/usr/local/bin/ollama', 'serve'];
    await expect(
      run(
        'second',
        { OLLAMA_HOST: '0.0.0.0' },
        {
          options: ['-p', '11434:11434', ...mounts],
          command: serve,
        },
      ),
    ).rejects.toThrow(/in use|already allocated/u);
    expect(await owner()).toMatchObject({
      code: 'port-conflict',
      summary: expect.stringMatching(
        /^the Ollama in the container second cannot start: port 11434 of this host is held by the Ollama of this host \(ollama, PID \d+\)$/u,
      ) as string,
    });
    await host.must(['systemctl', 'stop', 'ollama']);
    await host.must(['docker', 'start', 'second']);
    await host.must(['systemctl', 'start', 'ollama']);
    await host.must([
      'sh',
      '-c',
      'for i in $(seq 200); do journalctl -u ollama | grep -q "address already in use" && exit 0; sleep 0.2; done; exit 1',
    ]);
    expect(await owner()).toMatchObject({
      code: 'port-conflict',
      summary: expect.stringMatching(
        /^ollama\.service cannot have port 11434: the Ollama in the container second, by way of docker-proxy \(PID \d+\), has it$/u,
      ) as string,
    });
  });

  test('without an Ollama of the host’s own the one in the container is the way, by its name', async () => {
    await host.must(['sh', '-c', 'docker rm -f second; systemctl disable --now ollama']);
    await run('astray', { OLLAMA_URL: 'http://localhost:11434' });
    const { stdout } = await host.doctor(['--json', '--container', 'astray', '--timeout', '90000'], {
      timeoutMs: 180_000,
    });
    expect((JSON.parse(stdout) as Report).causes).toMatchObject([
      { code: 'url-alias', summary: expect.stringContaining('http://ollama:11434') as string },
    ]);
  });

  test('nothing of the doctor’s is left behind', async () => {
    expect(await host.must(['docker', 'ps', '-aq', '--filter', 'label=ollama-doctor'])).toBe('');
  });
});
