import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bootHost, type LabHost, type Layer, prepareLab } from './host/index.ts';

/** Ports with a listener on every address of the host. */
const ports = [22, 80, 2222, 8000, 9000, 11434] as const;
const listeners = `
import socket, time
kept = []
for port in (${ports.join(', ')}):
    s = socket.socket(socket.AF_INET6); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0); s.bind(('::', port)); s.listen(64); kept.append(s)
time.sleep(100000)
`;
const dial = `
import errno, socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3.6).close(); print('connected')
except socket.timeout: print('timeout')
except OSError as error:
    print({errno.ECONNREFUSED: 'refused', errno.EHOSTUNREACH: 'host-unreachable', errno.ENETUNREACH: 'network-unreachable'}.get(error.errno, str(error)))
`;

interface Verdict {
  verdict: string;
  seen: string;
}

describe('verdicts on rules that real front ends made', () => {
  let host: LabHost;
  beforeAll(() => prepareLab(['plain', 'ufw', 'firewalld', 'iptables-persistent']));
  afterEach(() => host?.stop());

  async function boot(name: string, layer: Layer, commands: string): Promise<void> {
    host = await bootHost({ name, layer });
    await host.docker.load('app:1');
    await host.docker.createNetwork({ name: 'shop', subnet: '172.18.0.0/16' });
    await host.docker.runContainer({ name: 'web', image: 'app:1', network: 'shop' });
    await host.docker.runContainer({
      name: 'published',
      image: 'app:1',
      command: ['python3', '-m', 'http.server', '80'],
      options: ['-p', '7777:80'],
    });
    await host.must(['sh', '-ec', commands]);
    host.start(['python3', '-c', listeners], { timeoutMs: 600_000 });
    await host.must([
      'sh',
      '-c',
      'for i in $(seq 50); do ss -Hltn sport = 11434 | grep -q . && break; sleep 0.1; done',
    ]);
  }

  /** What the kernel does with a connection from the container, beside what the doctor says of it. */
  async function fromContainer(port: number): Promise<[string, string]> {
    const [real, said] = await Promise.all([
      host.docker.exec('web', ['python3', '-c', dial, '172.17.0.1', String(port)]),
      host.doctor(['firewall', '--container', 'web', '--dport', String(port), '--json']),
    ]);
    return [real.stdout.trim(), (JSON.parse(said.stdout) as Verdict).seen];
  }

  async function fromPublicSide(port: number): Promise<[string, string]> {
    const question = ['--in', 'eth0', '--src', '192.0.2.1', '--dst', '192.0.2.10', '--dport', String(port)];
    const [real, said] = await Promise.all([
      host.public.connect(host.public.addresses.ipv4, port),
      host.doctor(['firewall', ...question, '--json']),
    ]);
    const { seen } = JSON.parse(said.stdout) as Verdict;
    return [real, seen.endsWith('-unreachable') ? 'unreachable' : seen];
  }

  /** Connections of which the doctor says something else than the kernel does; the number of all that were tried. */
  async function compared(): Promise<{ tried: number; disagreements: unknown[] }> {
    const asked = [...ports, 7777];
    const seen = [];
    for (const ask of [fromContainer, fromPublicSide])
      seen.push(
        ...(await Promise.all(asked.map(async (port) => [ask.name, port, ...(await ask(port))] as const))),
      );
    return { tried: seen.length, disagreements: seen.filter(([, , real, said]) => real !== said) };
  }
  const agreement = { tried: 14, disagreements: [] };

  test('ufw as people set it up', async () => {
    const commands = [
      'ufw default deny incoming',
      'ufw allow 22/tcp',
      'ufw limit 2222/tcp',
      'ufw deny 8000/tcp',
      'ufw reject 9000/tcp',
      'ufw allow from 172.18.0.0/16 to any port 11434 proto tcp',
      'ufw allow in on docker0 to any port 80',
      'ufw logging medium',
      'ufw --force enable',
    ];
    await boot('front-ufw', 'ufw', commands.join('\n'));
    expect(await compared()).toEqual(agreement);
    await host.must([
      'sh',
      '-ec',
      'ufw default reject incoming; ufw insert 1 deny from 172.18.0.0/24 to any port 22; ufw reload',
    ]);
    expect(await compared()).toEqual(agreement);
  });

  test('firewalld as people set it up', async () => {
    const zone = 'firewall-cmd --zone=public';
    const commands = [
      `${zone} --add-interface=eth0`,
      `${zone} --add-port=80/tcp`,
      `${zone} --add-rich-rule='rule family=ipv4 source address=192.0.2.0/24 port port=8000 protocol=tcp reject'`,
      `${zone} --add-rich-rule='rule family=ipv4 source address=192.0.2.0/24 port port=9000 protocol=tcp drop'`,
      'bridge=br-$(docker network inspect shop -f "{{.Id}}" | cut -c1-12)',
      'firewall-cmd --zone=docker --remove-interface=$bridge || true',
      `${zone} --add-interface=$bridge`,
      `${zone} --add-rich-rule='rule family=ipv4 source address=172.18.0.0/16 port port=11434 protocol=tcp accept'`,
    ];
    await boot('front-firewalld', 'firewalld', commands.join('\n'));
    expect(await compared()).toEqual(agreement);
  });

  test("Docker's own rules beside ones written by hand", async () => {
    const commands = [
      'iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
      'iptables -A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT',
      'iptables -A INPUT -s 172.16.0.0/12 -p tcp --dport 8000:9000 -j REJECT --reject-with tcp-reset',
      'iptables -A INPUT -i br-+ -p tcp --dport 11434 -j REJECT --reject-with icmp-host-prohibited',
      'iptables -A INPUT ! -i lo -p tcp --dport 2222 -j DROP',
      'iptables -I DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport 7777 -j DROP',
    ];
    await boot('front-docker', 'plain', commands.join('\n'));
    expect(await compared()).toEqual(agreement);
  });
});
