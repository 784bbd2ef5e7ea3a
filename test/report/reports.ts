// Reports as a diagnosis makes them, by hand, for the tests of what is drawn from them.
import type { CheckRow, Report } from '../../src/report/schema.ts';
import { report, row } from './rows.ts';

const web = 'container:archon-server';
const url = 'http://host.docker.internal:11434';

export const incident: Report = report({
  checks: [
    row({ id: 'ollama-service', status: 'pass', summary: 'ollama.service is running, and starts at boot' }),
    row({
      id: 'bind-address',
      status: 'fail',
      code: 'bind-loopback',
      summary: 'Ollama listens on 127.0.0.1:11434 alone, and archon-server arrives at 172.17.0.1',
      recipe: 'bind-all-interfaces',
      evidence: [
        {
          source: '/etc/systemd/system/ollama.service:12',
          text: 'Environment="OLLAMA_HOST=127.0.0.1:11434"',
        },
        {
          source: 'ss -Hltnp',
          text: 'LISTEN 0 4096 127.0.0.1:11434 0.0.0.0:* users:(("ollama",pid=812,fd=3))',
        },
      ],
    }),
    row({ id: 'port-owner', status: 'pass', summary: 'ollama (pid 812) holds port 11434' }),
    row({ id: 'ollama-api', status: 'pass', summary: 'Ollama 0.13.1 answers at http://127.0.0.1:11434' }),
    row({ id: 'models', status: 'pass', summary: '2 models' }),
    row({ id: 'container-runtime', status: 'pass', summary: 'Docker 26.1.5 answers' }),
    row({ id: 'client-url', subject: web, status: 'pass', summary: `OLLAMA_URL=${url}` }),
    row({ id: 'container-dns', subject: web, status: 'pass', summary: 'host.docker.internal is 172.17.0.1' }),
    row({ id: 'gateway-route', subject: web, status: 'pass', summary: '172.17.0.1 by way of 172.18.0.1' }),
    row({
      id: 'firewall',
      subject: web,
      status: 'fail',
      code: 'firewall-drop',
      summary: 'INPUT rule 2 drops what 172.18.0.2 sends to 172.17.0.1:11434',
      recipe: 'allow-container-subnet',
      evidence: [
        {
          source: 'iptables-save -c, table filter, chain INPUT, rule 2',
          text: '-A INPUT -p tcp -m tcp --dport 11434 -j DROP\n3 packets during the probe (12 before, 15 after)',
        },
      ],
    }),
    row({
      id: 'container-reach',
      subject: web,
      status: 'fail',
      code: 'reach-timeout',
      explainedBy: 'firewall-drop',
      summary: `archon-server asked ${url} and timed out at 172.17.0.1:11434 after 3.5 s`,
      evidence: [{ source: 'docker exec archon-server python3', text: 'timed out' }],
      instructions: ['mend firewall-drop'],
    }),
    row({ id: 'exposure', status: 'pass', summary: 'Ollama is open to nobody beyond this host' }),
    row({ id: 'persistence', status: 'pass', summary: 'what it is now is what it is after a reboot' }),
  ],
  causes: [
    {
      code: 'bind-loopback',
      subject: 'host',
      summary: 'Ollama listens on 127.0.0.1:11434 alone, and archon-server arrives at 172.17.0.1',
      affects: [web],
      recipe: 'bind-all-interfaces',
    },
    {
      code: 'firewall-drop',
      subject: web,
      summary: 'INPUT rule 2 drops what 172.18.0.2 sends to 172.17.0.1:11434',
      affects: [web],
      recipe: 'allow-container-subnet',
    },
  ],
  paths: [
    {
      from: web,
      url,
      hops: [
        { hop: 'client', status: 'pass', detail: `OLLAMA_URL=${url}` },
        { hop: 'name', status: 'pass', detail: 'host.docker.internal is 172.17.0.1' },
        { hop: 'route', status: 'pass', detail: '172.18.0.2 by way of 172.18.0.1' },
        {
          hop: 'firewall',
          status: 'fail',
          detail: 'INPUT rule 2 drops what 172.18.0.2 sends to 172.17.0.1:11434',
        },
        {
          hop: 'listener',
          status: 'fail',
          detail: 'Ollama listens on 127.0.0.1:11434 alone, and archon-server arrives at 172.17.0.1',
        },
        { hop: 'http', status: 'blocked', detail: 'not reached' },
        { hop: 'ollama', status: 'blocked', detail: 'not reached' },
        { hop: 'model', status: 'blocked', detail: 'not reached' },
      ],
    },
  ],
});

const answered = (from: string): Report['paths'][number] => ({
  from,
  url,
  hops: [
    { hop: 'client', status: 'pass', detail: `OLLAMA_URL=${url}` },
    { hop: 'http', status: 'pass', detail: '200' },
    { hop: 'ollama', status: 'pass', detail: 'Ollama 0.13.1' },
    { hop: 'model', status: 'not-applicable', detail: 'none was asked for' },
  ],
});

export const healthy: Report = report({
  durationMs: 402,
  checks: [
    row({ id: 'ollama-service', status: 'pass', summary: 'ollama.service is running, and starts at boot' }),
    row({ id: 'bind-address', status: 'pass', summary: 'Ollama listens on all interfaces' }),
    row({ id: 'ollama-api', status: 'pass', summary: 'Ollama 0.13.1 answers at http://127.0.0.1:11434' }),
    row({ id: 'models', status: 'pass', summary: '2 models' }),
    row({ id: 'container-reach', subject: web, status: 'pass', summary: 'archon-server reaches Ollama' }),
  ],
  paths: [answered(web)],
});

/** The incident as it is seen without root: the rules cannot be read, the probe still tells. */
export const withoutRoot: Report = report({
  host: { platform: 'linux', environment: 'native', arch: 'x64', elevated: false },
  checks: [
    ...incident.checks.filter((each) => !['firewall', 'exposure', 'container-reach'].includes(each.id)),
    row({
      id: 'firewall',
      subject: web,
      status: 'inconclusive',
      summary:
        'reading the rules needs root; archon-server timed out, as it does when a rule drops its packets',
      instructions: ['run it again with sudo'],
    }),
    row({
      id: 'container-reach',
      subject: web,
      status: 'fail',
      code: 'reach-timeout',
      summary: 'timed out at 172.17.0.1:11434',
      evidence: [{ source: 'docker exec archon-server python3', text: 'timed out after 3.5 s' }],
      instructions: ['run it again with sudo, so that the rules can be read'],
    }),
    row({
      id: 'exposure',
      status: 'inconclusive',
      summary: 'reading the rules needs root',
      instructions: ['run it again with sudo'],
      matters: false,
    }),
  ],
  causes: [
    ...incident.causes.slice(0, 1),
    {
      code: 'reach-timeout',
      subject: web,
      summary: 'timed out at 172.17.0.1:11434',
      affects: [web],
      recipe: null,
    },
  ],
  paths: [
    {
      from: web,
      url,
      hops: [
        { hop: 'client', status: 'pass', detail: `OLLAMA_URL=${url}` },
        { hop: 'name', status: 'pass', detail: 'host.docker.internal is 172.17.0.1' },
        { hop: 'firewall', status: 'inconclusive', detail: 'reading the rules needs root' },
        { hop: 'listener', status: 'fail', detail: 'on 127.0.0.1:11434 alone' },
        { hop: 'http', status: 'blocked', detail: 'not reached' },
      ],
    },
  ],
});

/** Nothing found broken, and something on the way could not be looked at. */
export const incomplete: Report = report({
  host: { platform: 'linux', environment: 'native', arch: 'x64', elevated: false },
  durationMs: 61,
  checks: [
    row({ id: 'ollama-service', status: 'pass', summary: 'ollama.service is running' }),
    row({ id: 'ollama-api', status: 'pass', summary: 'Ollama 0.13.1 answers at http://127.0.0.1:11434' }),
    row({
      id: 'container-runtime',
      status: 'inconclusive',
      code: 'runtime-denied',
      summary: 'permission denied on unix:///var/run/docker.sock',
      instructions: ['run it again with sudo'],
    }),
    row({
      id: 'container-reach',
      status: 'blocked',
      summary: 'not run: container-runtime did not pass',
      blockedBy: 'container-runtime@host',
    }),
  ],
});

const unsupported = (id: string): CheckRow =>
  row({
    id,
    status: 'inconclusive',
    summary: 'this version cannot look at that on macOS',
    matters: false,
  });

/** A healthy Mac, where this version has no code for half of the checks. */
export const macos: Report = report({
  host: { platform: 'darwin', environment: 'native', arch: 'arm64', elevated: false },
  durationMs: 88,
  checks: [
    unsupported('ollama-service'),
    unsupported('bind-address'),
    row({ id: 'ollama-api', status: 'pass', summary: 'Ollama 0.13.1 answers at http://127.0.0.1:11434' }),
    row({ id: 'models', status: 'pass', summary: '2 models' }),
    row({ id: 'container-reach', subject: web, status: 'pass', summary: 'Ollama 0.13.1 answers' }),
    unsupported('firewall'),
    unsupported('exposure'),
  ],
  paths: [answered(web)],
});

/** A cause that no recipe mends, in a report that warns as well. */
export const portTaken: Report = report({
  durationMs: 120,
  checks: [
    row({
      id: 'port-owner',
      status: 'fail',
      code: 'port-conflict',
      summary: 'docker-proxy (pid 4242) holds 0.0.0.0:11434, and ollama.service cannot have it',
      evidence: [{ source: 'ss -Hltnp', text: 'LISTEN 0 4096 0.0.0.0:11434 0.0.0.0:*' }],
      instructions: ['docker stop ollama', 'or give ollama.service another port by OLLAMA_HOST'],
    }),
    row({
      id: 'exposure',
      status: 'warn',
      code: 'exposed',
      summary: 'the local network can use Ollama at 192.168.1.5',
      instructions: ['ollama-doctor explain exposed'],
    }),
  ],
  causes: [
    {
      code: 'port-conflict',
      subject: 'host',
      summary: 'docker-proxy (pid 4242) holds 0.0.0.0:11434, and ollama.service cannot have it',
      affects: [],
      recipe: null,
    },
  ],
});
