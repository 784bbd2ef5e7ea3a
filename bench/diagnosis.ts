import { incident, incidentHost } from '../test/lab/scenarios/incident.ts';
import { prepareLab } from '../test/lab/host/index.ts';
import { printRatios, timeInTurn } from './measure.ts';

const containers = [incident.container, 'web-one', 'web-two'];

/** What people paste from a troubleshooting guide, with the request from inside for each container that uses Ollama. */
const guide = (clients: readonly string[]): string => `
systemctl status ollama --no-pager
ss -ltnp
iptables -L -n -v
${clients.map((name) => `docker exec ${name} python3 -c 'import urllib.request as u; u.urlopen("${incident.url}/api/tags", timeout=3.5).read()'`).join('\n')}
curl -s --max-time 3.5 http://127.0.0.1:11434/api/tags
`;

/**
 * The longest chain of outside work that a diagnosis cannot do without, each step needing the one before: which
 * containers are there, what each was told, and the request from inside.
 */
const chain = `
api() { curl -s --unix-socket /var/run/docker.sock "http://docker$1" >/dev/null; }
api '/containers/json?all=1'
api '/containers/${incident.container}/json'
docker exec ${incident.container} python3 -c '
import urllib.request as u
for path in ("version", "tags"): u.urlopen("${incident.url}/api/" + path, timeout=3.5).read()'
`;

/** A whole diagnosis on a real host with three containers, healthy and with its packets dropped. Needs root. */
export async function benchDiagnosis(): Promise<void> {
  await prepareLab();
  const shutIpv6 =
    '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT ! -i lo -p tcp -m tcp --dport 11434 -j DROP\nCOMMIT\n';
  const healthy = await incidentHost({
    name: 'bench-fine',
    bind: 'all',
    rules: 'allow',
    setup: (disk) => disk.write('/etc/iptables/rules.v6', shutIpv6, 0o640),
  });
  try {
    for (const name of containers.slice(1))
      await healthy.docker.runContainer({
        name,
        image: 'app:1',
        network: incident.network,
        env: { OLLAMA_URL: incident.url },
        extraHosts: ['host.docker.internal:host-gateway'],
      });
    compare('a healthy host with three containers that use Ollama', healthy.command, containers, 9);
  } finally {
    await healthy.stop();
  }
  const dropped = await incidentHost({ name: 'bench-drop' });
  try {
    compare(
      'one container whose packets are dropped (a probe waits 3.5 s)',
      dropped.command,
      containers.slice(0, 1),
      3,
    );
  } finally {
    await dropped.stop();
  }
}

function compare(
  title: string,
  inHost: (argv: readonly string[]) => string[],
  clients: readonly string[],
  runs: number,
): void {
  const program = (name: string, ...argv: string[]) => {
    const [command = '', ...args] = inHost(argv);
    return { name, argv: [command, ...args] as [string, ...string[]] };
  };
  const timings = timeInTurn(
    [
      program('ollama-doctor --json', 'node', '/opt/ollama-doctor/bin/ollama-doctor.js', '--json'),
      program('longest chain of outside commands', 'sh', '-c', chain),
      program("a guide's commands in a shell script", 'sh', '-c', guide(clients)),
    ],
    runs,
  );
  printRatios(title, timings);
}
