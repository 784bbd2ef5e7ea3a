import { describe, expect, it } from 'vitest';
import { container, seen, service } from '../checks/host-of-values.ts';
import {
  bindCause,
  brokenHost,
  changes,
  commands,
  dropCause,
  listings,
  plan,
  save,
  savedBy,
  written,
} from './planned.ts';

const guardFile = '/etc/ollama-doctor/guard.nft';
const dropIn = '/etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf';

const other = container({
  name: 'other',
  id: '0000',
  networks: [
    {
      name: 'other_default',
      id: 'ffff',
      driver: 'bridge',
      internal: false,
      address: '172.19.0.2',
      subnets: [{ subnet: '172.19.0.0/16', gateway: '172.19.0.1' }],
      bridge: 'docker0',
      aliases: [],
    },
  ],
});

describe('no rules at all, and nobody who keeps any', () => {
  it('loads a table of its own before Ollama listens, and Ollama does not start without', async () => {
    const { plans, refusals } = await plan([bindCause], brokenHost());
    expect(refusals).toEqual([]);
    const files = written(plans);
    expect(Object.keys(files)).toEqual([guardFile, dropIn]);
    expect(files[guardFile]?.split('\n').filter((line) => line.startsWith('\t\t'))).toEqual([
      '\t\ttype filter hook input priority -10; policy accept;',
      '\t\tiifname "lo" accept',
      '\t\tip saddr 172.18.0.0/16 accept',
      '\t\ttcp dport 11434 counter drop comment "ollama-doctor"',
    ]);
    expect(files[dropIn]).toContain('\nExecStartPre=+/usr/sbin/nft -f /etc/ollama-doctor/guard.nft\n');
    expect(commands(plans)).toEqual([
      'nft -f /etc/ollama-doctor/guard.nft',
      'systemctl daemon-reload',
      'systemctl restart ollama.service',
    ]);
  });

  it('names every container of the subnet, not only the broken one', async () => {
    const neighbour = container({
      name: 'db',
      id: '1',
      networks: [{ ...container().networks[0], address: '172.18.0.3' } as never],
    });
    const { plans } = await plan(
      [bindCause],
      brokenHost({ containers: seen([container(), neighbour, other]) }),
    );
    expect(plans[0]?.gainsAccess).toEqual(['container:db', 'container:web']);
  });

  it('is refused where no nft is installed', async () => {
    const { plans, refusals } = await plan([bindCause], brokenHost(), { files: { '/usr/sbin/ip': '' } });
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toContain('nft');
    const end = '! -i lo -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j DROP';
    expect(refusals[0]?.instructions.slice(-2)).toEqual([
      `sudo iptables -I INPUT 1 ! -s 172.18.0.0/16 ${end}`,
      `sudo ip6tables -I INPUT 1 ${end}`,
    ]);
  });

  it('undo loads what was there, or removes the table', async () => {
    const [guard] = changes((await plan([bindCause], brokenHost())).plans);
    expect(guard).toMatchObject({
      thenRunOnUndo: [['nft', 'add table inet ollama_doctor; delete table inet ollama_doctor']],
    });
    const earlier = await plan([bindCause], brokenHost(), {
      files: { '/usr/sbin/nft': '', [guardFile]: '# another\n' },
    });
    expect(changes(earlier.plans)[0]).toMatchObject({
      before: '# another\n',
      thenRunOnUndo: [['nft', '-f', guardFile]],
    });
  });
});

describe('rules that nftables.service keeps', () => {
  it('get one line that loads the guard again, as a reload would flush it', async () => {
    const conf = 'flush ruleset\ntable inet filter {\n}\n';
    const { plans } = await plan([bindCause], brokenHost({ ownership: seen(savedBy('nftables-service')) }), {
      files: { '/usr/sbin/nft': '', '/etc/nftables.conf': conf },
    });
    expect(written(plans)['/etc/nftables.conf']).toBe(`${conf}include "${guardFile}"\n`);
    expect(Object.keys(written(plans))).toEqual([guardFile, '/etc/nftables.conf', dropIn]);
  });
});

describe('a host whose rules files are loaded at boot', () => {
  const kept = (v4?: string, v6?: string) =>
    brokenHost({
      ownership: seen(savedBy('netfilter-persistent', v4, v6)),
      rulesets: seen({ listings: listings(v4, v6), missing: [] }),
    });

  it('gets one rule a family where one exception is enough', async () => {
    const { plans } = await plan([bindCause], kept());
    const rules = commands(plans).filter((line) => line.includes('tables'));
    expect(rules).toEqual([
      "iptables -I INPUT 1 '!' -s 172.18.0.0/16 '!' -i lo -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j DROP",
      "ip6tables -I INPUT 1 '!' -i lo -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j DROP",
    ]);
  });

  it('gets a chain of its own where there are several', async () => {
    const web = container();
    const two = {
      ...kept(),
      containers: seen([web, other]),
      clients: [...clientsOf(web), ...clientsOf(other)],
    };
    const { plans } = await plan([bindCause], two);
    expect(written(plans)['/etc/iptables/rules.v4']?.split('\n')).toEqual([
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':OLLAMA-DOCTOR - [0:0]',
      '-A OLLAMA-DOCTOR -i lo -m comment --comment ollama-doctor -j RETURN',
      '-A OLLAMA-DOCTOR -s 172.18.0.0/16 -m comment --comment ollama-doctor -j RETURN',
      '-A OLLAMA-DOCTOR -s 172.19.0.0/16 -m comment --comment ollama-doctor -j RETURN',
      '-A OLLAMA-DOCTOR -m comment --comment ollama-doctor -j DROP',
      '-A INPUT -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j OLLAMA-DOCTOR',
      'COMMIT',
      '',
    ]);
    const rules = commands(plans).filter((line) => line.startsWith('iptables'));
    expect(rules[0]).toBe('iptables -N OLLAMA-DOCTOR');
    expect(rules.at(-1)).toMatch(/-I INPUT 1 .* -j OLLAMA-DOCTOR$/u);
  });

  it('is left alone where its own rules close the port, both families', async () => {
    const closed = save('DROP', '-A INPUT -i lo -j ACCEPT');
    const { plans } = await plan([bindCause], kept(closed, closed));
    expect(commands(plans)).toEqual(['systemctl daemon-reload', 'systemctl restart ollama.service']);
  });

  it('is guarded where its rules close only the interfaces there are now', async () => {
    const onlyEth0 = save('ACCEPT', '-A INPUT -i eth0 -p tcp -m tcp --dport 11434 -j DROP');
    const { plans } = await plan([bindCause], kept(onlyEth0, save('DROP')));
    expect(commands(plans)[0]).toMatch(/^iptables -I INPUT 1 '!' -s 172\.18\.0\.0\/16/u);
  });
});

describe('an Ollama that listened on one address', () => {
  it('stays open to whoever reached that address', async () => {
    const { plans } = await plan(
      [{ ...bindCause, code: 'bind-unreachable-address' }],
      brokenHost({
        listeners: seen({
          listeners: [
            {
              address: '203.0.113.10',
              port: 11_434,
              family: 4,
              wildcard: false,
              v6only: false,
              process: { pid: 812, name: 'ollama' },
            },
          ],
          ownersKnown: true,
        }),
      }),
    );
    expect(written(plans)[guardFile]).toContain('\t\tip daddr 203.0.113.10 accept\n');
    expect(plans[0]?.notes.join('\n')).toContain('whoever reaches 203.0.113.10 now');
  });
});

describe('a guard of an earlier fix', () => {
  it('lets a new subnet through by one line more', async () => {
    const first = await plan([bindCause], brokenHost());
    const text = written(first.plans)[guardFile] ?? '';
    const guard = text.replace('172.18.0.0/16', '172.30.0.0/16');
    const rule = (expr: unknown): unknown => ({
      rule: { family: 'inet', table: 'ollama_doctor', chain: 'input', handle: 3, expr },
    });
    const match = (left: unknown, right: unknown): unknown => ({ match: { op: '==', left, right } });
    const json = JSON.stringify({
      nftables: [
        { table: { family: 'inet', name: 'ollama_doctor', handle: 1 } },
        {
          chain: {
            family: 'inet',
            table: 'ollama_doctor',
            name: 'input',
            handle: 1,
            type: 'filter',
            hook: 'input',
            prio: -10,
            policy: 'accept',
          },
        },
        rule([match({ meta: { key: 'iifname' } }, 'lo'), { accept: null }]),
        rule([match({ payload: { protocol: 'tcp', field: 'dport' } }, 11_434), { drop: null }]),
      ],
    });
    const { plans, refusals } = await plan(
      [dropCause],
      brokenHost({ rulesets: seen({ listings: listings('', '', json), missing: [] }) }),
      { files: { '/usr/sbin/nft': '', [guardFile]: guard } },
    );
    expect(refusals).toEqual([]);
    expect(written(plans)[guardFile]).toBe(
      guard.replace('\t\ttcp dport', '\t\tip saddr 172.18.0.0/16 accept\n\t\ttcp dport'),
    );
  });
});

describe('an EnvironmentFile that sets the variable', () => {
  it('is edited in its own line, as it wins over every drop-in', async () => {
    const file = '/etc/sysconfig/ollama';
    const text = '# openSUSE\nOLLAMA_HOST="127.0.0.1:11434"\nOLLAMA_ORIGINS=*\n';
    const { plans } = await plan(
      [bindCause],
      brokenHost({
        services: seen([
          service({
            processHost: { value: '127.0.0.1:11434', source: '/proc/812/environ' },
            settings: [
              {
                variable: 'OLLAMA_HOST',
                value: '127.0.0.1:11434',
                file,
                line: 2,
                text: 'OLLAMA_HOST="127.0.0.1:11434"',
                kind: 'environment-file',
                status: 'in-force',
              },
            ],
          }),
        ]),
      }),
      { files: { '/usr/sbin/nft': '', [file]: text } },
    );
    expect(written(plans)[file]).toBe(text.replace('127.0.0.1', '0.0.0.0'));
    expect(written(plans)[dropIn]).not.toContain('Environment=');
    expect(commands(plans)).toEqual([
      'nft -f /etc/ollama-doctor/guard.nft',
      'systemctl daemon-reload',
      'systemctl restart ollama.service',
    ]);
  });
});

function clientsOf(of: ReturnType<typeof container>) {
  return [
    {
      subject: `container:${of.name}`,
      container: of,
      url: new URL('http://host.docker.internal:11434'),
      hypothetical: false,
      askedFor: false,
    },
  ];
}
