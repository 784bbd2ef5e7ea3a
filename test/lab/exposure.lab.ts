import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckRow, Report } from '../../src/report/schema.ts';
import { bootHost, type LabHost, prepareLab } from './host/index.ts';
import { dockerNftables } from './scenarios/docker-nftables.ts';
import { installOllama } from './scenarios/ollama-service.ts';

/** Everything but ssh is dropped, and all is flushed at each load, as Debian's own file begins. */
const nftablesConf = `#!/usr/sbin/nft -f

flush ruleset

table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		iifname "lo" accept
		ct state { established, related } accept
		meta l4proto { icmp, ipv6-icmp } accept
		tcp dport 22 accept
	}
}
`;

/** What answers in the container, which the doctor takes for an Ollama by its image. */
const server = `
import http.server
class Ollama(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'Ollama is running'
        self.send_response(200); self.send_header('content-length', str(len(body))); self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(('', 11434), Ollama).serve_forever()
`;

describe('an Ollama in a container whose port is published, beside the host’s own and a chain that drops', () => {
  let host: LabHost;
  beforeAll(async () => {
    await prepareLab(['plain']);
    host = await bootHost({
      name: 'exposure',
      setup: async (disk) => {
        await installOllama(disk, { serviceLines: ['Environment="OLLAMA_HOST=0.0.0.0:11434"'] });
        await disk.write('/etc/nftables.conf', nftablesConf, 0o755);
        await disk.enable('nftables.service');
        await disk.write(
          '/etc/docker/daemon.json',
          JSON.stringify({ iptables: false, ip6tables: false, 'userland-proxy': false }),
        );
        await disk.write('/etc/sysctl.d/99-forward.conf', 'net.ipv4.ip_forward=1\n');
      },
    });
    await host.docker.createNetwork({ name: 'ai', subnet: '172.18.0.0/16' });
    await host.docker.load('app:1');
    await host.must(['docker', 'tag', 'app:1', 'ollama/ollama:lab']);
    await host.docker.runContainer({
      name: 'published',
      image: 'ollama/ollama:lab',
      network: 'ai',
      command: ['python3', '-c', server],
      options: ['-p', '7777:11434'],
    });
    await layDockers();
  });
  afterAll(() => host?.stop());

  async function layDockers(): Promise<void> {
    const id = (await host.must(['docker', 'network', 'inspect', '-f', '{{.Id}}', 'ai'])).slice(0, 12);
    const address = '172.18.0.2';
    const rules = {
      bridge: `br-${id}`,
      subnet: '172.18.0.0/16',
      address,
      hostPort: 7777,
      containerPort: 11_434,
    };
    await host.must(['nft', '-f', '-'], { input: dockerNftables(rules) });
  }
  const report = async (): Promise<Report> =>
    JSON.parse((await host.doctor(['--json', '--timeout', '40000'])).stdout) as Report;
  const row = (of: Report, id: string): CheckRow | undefined => of.checks.find((one) => one.id === id);

  test('is open past INPUT, and the host’s own is shut: the doctor says what the kernel does', async () => {
    const { ipv4 } = host.public.addresses;
    await expect.poll(() => host.public.connect(ipv4, 7777), { timeout: 60_000 }).toBe('connected');
    expect(await host.public.connect(ipv4, 11_434)).toBe('timeout');
    const found = row(await report(), 'exposure');
    // 192.0.2.10 is none of the private ranges.
    expect(found).toMatchObject({ status: 'fail', code: 'exposed' });
    const said = found?.evidence.map(({ text }) => text).join('\n');
    expect(said).toMatch(/192\.0\.2\.10:7777, which container published publishes, is let through/u);
    expect(said).toMatch(/192\.0\.2\.10:11434, is kept out by the policy of filter input/u);
    expect(found?.instructions.join('\n')).toContain('127.0.0.1:7777:11434 in place of 7777:11434');
  });

  test('a reload of nftables.service takes Docker’s rules away, as was said', async () => {
    const found = row(await report(), 'persistence');
    expect(found?.status).toBe('pass');
    expect(found?.evidence.at(-1)?.text).toMatch(/the rules of Docker with it \(ip docker-bridges\)/u);
    await host.must(['systemctl', 'reload', 'nftables']);
    expect(await host.must(['nft', 'list', 'tables'])).toBe('table inet filter\n');
    expect(await host.public.connect(host.public.addresses.ipv4, 7777)).toBe('timeout');
    await layDockers();
    expect(await host.public.connect(host.public.addresses.ipv4, 7777)).toBe('connected');
  });
});
