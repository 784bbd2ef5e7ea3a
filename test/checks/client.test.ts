import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import type { RuntimeEndpoint } from '../../src/facts/containers.ts';
import {
  absent,
  client,
  container,
  failed,
  type HostOfValues,
  letsOnlyTheContainerIn,
  loopback,
  ollama,
  rowsOf,
  rules,
  seen,
  service,
  unavailable,
} from './host-of-values.ts';

const only = (rows: Row[], id: string): Row | undefined => rows.find((row) => row.id === id);
const drop = '[5:300] -A INPUT -p tcp -m tcp --dport 11434 -j DROP';

describe('container-runtime', () => {
  const endpoint = (state: RuntimeEndpoint['state'], foundBy = 'default socket'): RuntimeEndpoint[] => [
    { runtime: 'docker', endpoint: 'unix:///var/run/docker.sock', foundBy, state },
  ];
  const blind: Partial<HostOfValues> = { containers: unavailable('no engine answered'), clients: [] };

  it('could not look where permission is denied, says what helps, and blocks what needs it', async () => {
    const rows = await rowsOf({
      ...blind,
      runtimes: endpoint({ state: 'denied', detail: 'EACCES', help: 'run it with sudo' }),
    });
    expect(only(rows, 'container-runtime')).toMatchObject({
      status: 'inconclusive',
      code: 'runtime-denied',
      instructions: ['run it with sudo'],
      matters: true,
    });
    expect(only(rows, 'container-reach')).toMatchObject({
      status: 'blocked',
      blockedBy: 'container-runtime@host',
    });
  });

  it('does not call the report incomplete over an engine that just does not run', async () => {
    const rows = await rowsOf({
      ...blind,
      runtimes: endpoint({ state: 'unreachable', detail: 'not running' }),
    });
    expect(only(rows, 'container-runtime')).toMatchObject({ status: 'inconclusive', matters: false });
  });

  it('minds when that engine was named by the user', async () => {
    const rows = await rowsOf({
      ...blind,
      runtimes: endpoint({ state: 'unreachable', detail: 'ECONNREFUSED' }, 'DOCKER_HOST'),
    });
    expect(only(rows, 'container-runtime')).toMatchObject({ code: 'runtime-unavailable', matters: true });
  });

  it('says of an engine that did not answer beside one that did, that its containers are not seen', async () => {
    const [answers] = endpoint({
      state: 'answers',
      version: '26.1.5',
      apiVersion: '1.45',
      product: 'docker-engine',
      rootless: false,
    });
    const mute: RuntimeEndpoint = {
      runtime: 'podman',
      endpoint: 'unix:///run/podman/podman.sock',
      foundBy: 'Podman',
      state: { state: 'inconclusive', detail: 'it did not answer: no answer within 3500 ms' },
    };
    const row = only(await rowsOf({ runtimes: [answers!, mute] }), 'container-runtime');
    expect(row).toMatchObject({
      status: 'pass',
      summary: expect.stringContaining('podman (Podman) could not be asked'),
    });
    expect(row?.evidence?.at(-1)?.text).toContain('no answer within 3500 ms');
  });

  it('does not apply where there is none', async () => {
    const rows = await rowsOf({ ...blind, runtimes: [], containers: absent });
    expect(only(rows, 'container-runtime')?.status).toBe('not-applicable');
  });
});

describe('client-url', () => {
  it('names localhost inside a container, and the URL that works', async () => {
    const rows = await rowsOf({
      clients: [client('http://localhost:11434')],
      answer: { kind: 'unreachable', failure: 'refused', detail: '', address: '127.0.0.1', elapsedMs: 1 },
      resolved: { outcome: 'resolved', addresses: ['127.0.0.1'] },
    });
    expect(only(rows, 'client-url')).toMatchObject({ status: 'fail', code: 'url-localhost' });
    expect(only(rows, 'client-url')?.instructions?.[0]).toContain(
      'OLLAMA_URL to http://host.docker.internal:11434',
    );
    expect(only(rows, 'container-reach')?.explainedBy).toBe('url-localhost');
  });

  it('is quiet about localhost with --network host, and about a loopback bind then', async () => {
    const shared = container({ networkMode: 'host', networks: [] });
    const rows = await rowsOf({
      services: seen([service({ processHost: { value: '127.0.0.1:11434', source: 'x' } })]),
      listeners: seen({ listeners: [loopback], ownersKnown: true }),
      clients: [client('http://localhost:11434', shared)],
      resolved: { outcome: 'resolved', addresses: ['127.0.0.1'] },
    });
    expect(rows.filter((row) => row.status !== 'pass' && row.status !== 'not-applicable')).toEqual([]);
  });

  it('names a value that is no URL', async () => {
    const rows = await rowsOf({
      clients: [client('http://')],
      answer: { kind: 'unavailable', reason: 'no URL' },
    });
    expect(only(rows, 'client-url')).toMatchObject({ status: 'fail', code: 'url-invalid' });
  });

  it('names a port that Ollama does not have', async () => {
    const rows = await rowsOf({
      clients: [client('http://host.docker.internal:8080')],
      answer: failed('refused'),
      rulesets: rules(),
    });
    expect(only(rows, 'client-url')).toMatchObject({ status: 'fail', code: 'url-wrong-port' });
  });
});

describe('container-dns and gateway-route', () => {
  it('names a name that the container does not know, and the line that gives it', async () => {
    const rows = await rowsOf({
      clients: [client(undefined, container({ extraHosts: [] }))],
      answer: failed('name-not-found'),
      resolved: { outcome: 'name-not-found', detail: 'Name or service not known' },
    });
    expect(only(rows, 'container-dns')).toMatchObject({ status: 'fail', code: 'dns-missing' });
    expect(only(rows, 'container-dns')?.instructions?.join(' ')).toContain(
      'host.docker.internal:host-gateway',
    );
    expect(only(rows, 'container-reach')).toMatchObject({
      status: 'blocked',
      blockedBy: 'container-dns@container:web',
    });
    expect(only(rows, 'gateway-route')?.status).toBe('blocked');
  });

  it('names a host name that leads to another machine', async () => {
    const rows = await rowsOf({
      answer: failed('timeout'),
      resolved: { outcome: 'resolved', addresses: ['192.168.65.2'] },
    });
    expect(only(rows, 'container-dns')).toMatchObject({ status: 'fail', code: 'dns-wrong-address' });
    expect(only(rows, 'container-reach')?.explainedBy).toBe('dns-wrong-address');
  });

  it('names a network without a way out', async () => {
    const rows = await rowsOf({ answer: failed('network-unreachable') });
    expect(only(rows, 'gateway-route')).toMatchObject({ status: 'fail', code: 'route-missing' });
    expect(only(rows, 'container-reach')?.explainedBy).toBe('route-missing');
  });
});

describe('firewall', () => {
  it('names the dropping rule with its place, and the growth of its counter', async () => {
    const rows = await rowsOf({
      answer: failed('timeout'),
      rulesets: rules('[9:540] -A INPUT -i lo -j ACCEPT', drop),
      rulesetsAfter: rules('[9:540] -A INPUT -i lo -j ACCEPT', drop.replace('5:300', '8:480')),
    });
    expect(only(rows, 'firewall')).toMatchObject({
      status: 'fail',
      code: 'firewall-drop',
      recipe: 'allow-container-subnet',
    });
    expect(only(rows, 'firewall')?.summary).toContain('rule 2 of filter INPUT');
    const evidence = only(rows, 'firewall')
      ?.evidence?.map((one) => one.text)
      .join('\n');
    expect(evidence).toContain('-A INPUT -p tcp -m tcp --dport 11434 -j DROP');
    expect(evidence).toContain('8 packets; 3 of them during this probe');
    expect(only(rows, 'container-reach')?.explainedBy).toBe('firewall-drop');
  });

  it('names what the rules do not show, where they let through what never came back', async () => {
    const tailscale = { source: 'ip link', text: 'interface tailscale0: Tailscale' };
    const rows = await rowsOf({
      answer: failed('timeout'),
      rulesets: rules(),
      bystanders: seen({ found: [tailscale] }),
    });
    const row = only(rows, 'firewall');
    expect(row?.status).toBe('inconclusive');
    expect(row?.evidence).toContainEqual(tailscale);
    expect(row?.instructions?.join(' ')).toContain('tcpdump -ni any tcp port 11434');
    const quiet = only(await rowsOf({ answer: failed('timeout'), rulesets: rules() }), 'firewall');
    expect(quiet?.instructions?.[0]).toContain('no SELinux policy');
  });

  it('says what decides ahead of all rules', async () => {
    const rows = await rowsOf({
      answer: failed('timeout'),
      rulesets: rules(),
      network: seen({
        addresses: [
          { interface: 'eth0', address: '192.168.1.10', prefixLength: 24, scope: 'global', up: true },
          { interface: 'docker0', address: '172.17.0.1', prefixLength: 16, scope: 'global', up: true },
        ],
        routes: [{ destination: '172.18.0.0/16', interface: 'wg0', family: 4 }],
        bridgePorts: {},
        sysctls: { 'net.ipv4.conf.all.rp_filter': '1' },
      }),
    });
    const row = only(rows, 'firewall');
    expect(row).toMatchObject({ status: 'fail', code: 'firewall-drop' });
    expect(row?.instructions?.join(' ')).toContain('net.ipv4.conf.br-1a2b3c4d5e6f.rp_filter');
  });

  it('calls a rule of ufw by the name its keeper knows', async () => {
    const ufw = ['-A INPUT -j ufw-user-input', '-A ufw-user-input -p tcp -m tcp --dport 11434 -j DROP'];
    const text = ['*filter', ':INPUT DROP [0:0]', ':ufw-user-input - [0:0]', ...ufw, 'COMMIT', ''].join('\n');
    const listing = {
      format: 'iptables-save' as const,
      backend: 'nft' as const,
      source: 'iptables-save -c',
      text,
    };
    const rows = await rowsOf({
      answer: failed('timeout'),
      rulesets: seen({ listings: [listing], missing: [] }),
    });
    expect(only(rows, 'firewall')?.summary).toContain('by ufw rule: deny to any port 11434');
    expect(only(rows, 'firewall')?.evidence?.[0]?.source).toBe(
      'iptables -t filter, chain ufw-user-input, rule 1',
    );
    const byPolicy = { ...listing, text: text.replace(ufw[1] ?? '', '') };
    const policy = await rowsOf({
      answer: failed('timeout'),
      rulesets: seen({ listings: [byPolicy], missing: [] }),
    });
    expect(only(policy, 'firewall')?.summary).toContain("ufw's default policy");
  });

  it('names what stands beside rules that let through a container to which this host is unreachable', async () => {
    const prohibit = { source: 'ip -4 rule', text: 'policy routing: 100: from 172.18.0.0/16 lookup 7' };
    const bystanders = seen({ found: [prohibit] });
    const rows = await rowsOf({ answer: failed('host-unreachable'), rulesets: rules(), bystanders });
    expect(only(rows, 'firewall')).toMatchObject({
      status: 'inconclusive',
      evidence: expect.arrayContaining([prohibit]) as unknown,
    });
    const noRoute = await rowsOf({ answer: failed('network-unreachable'), rulesets: rules(), bystanders });
    expect(only(noRoute, 'firewall')?.status).toBe('pass');
  });

  it('tells a rejection from a drop', async () => {
    const rows = await rowsOf({
      answer: failed('host-unreachable'),
      rulesets: rules('-A INPUT -p tcp -m tcp --dport 11434 -j REJECT --reject-with icmp-host-prohibited'),
    });
    expect(only(rows, 'firewall')).toMatchObject({ status: 'fail', code: 'firewall-reject' });
  });

  it('does not read any rule to praise one whose packets get through', async () => {
    const rows = await rowsOf({ rulesets: unavailable('needs root') });
    expect(only(rows, 'firewall')?.status).toBe('pass');
    expect(only(rows, 'exposure')).toMatchObject({ status: 'inconclusive', matters: false });
  });

  it('could not look without root, and guesses no cause', async () => {
    const rows = await rowsOf({
      answer: failed('timeout'),
      rulesets: unavailable('reading the rules needs root'),
    });
    expect(only(rows, 'firewall')).toMatchObject({ status: 'inconclusive', matters: true });
    expect(only(rows, 'container-reach')).toMatchObject({ status: 'fail', code: 'reach-timeout' });
    expect(only(rows, 'container-reach')?.explainedBy).toBeUndefined();
  });

  it('believes the probe where the rules say something else', async () => {
    const rows = await rowsOf({ answer: failed('refused'), rulesets: rules(drop) });
    expect(only(rows, 'firewall')).toMatchObject({ status: 'inconclusive' });
    const silent = await rowsOf({ answer: failed('timeout') });
    expect(only(silent, 'firewall')).toMatchObject({ status: 'inconclusive' });
    expect(only(silent, 'firewall')?.summary).toContain('let');
  });

  it('sees a rule coming that would bite once a missing name is there', async () => {
    const rows = await rowsOf({
      answer: failed('name-not-found'),
      resolved: { outcome: 'name-not-found', detail: '' },
      rulesets: rules(drop),
    });
    expect(only(rows, 'firewall')).toMatchObject({ status: 'fail', code: 'firewall-drop' });
  });

  it('does not apply to a container that asks somebody else', async () => {
    const rows = await rowsOf({
      clients: [client('http://10.9.9.9:11434')],
      answer: failed('timeout'),
      resolved: undefined,
      rulesets: rules(drop),
    });
    expect(only(rows, 'firewall')?.status).toBe('not-applicable');
    expect(only(rows, 'bind-address')?.status).toBe('pass');
    expect(only(rows, 'container-reach')).toMatchObject({ code: 'reach-timeout' });
  });
});

describe('exposure and persistence', () => {
  const saved = (text: string | undefined, loadsAtBoot = true): Partial<HostOfValues> => ({
    ownership: seen({
      owner: loadsAtBoot ? 'netfilter-persistent' : 'nobody',
      savedFiles:
        text === undefined
          ? []
          : [{ family: 4, path: '/etc/iptables/rules.v4', exists: true, readable: true, text }],
      loadsAtBoot,
      source: 'x',
    }),
  });

  it('warns when the local network gets in, and fails when the internet does', async () => {
    const rows = await rowsOf({ rulesets: rules() });
    expect(only(rows, 'exposure')).toMatchObject({ status: 'warn', code: 'exposed' });
    const global = await rowsOf({
      rulesets: rules(),
      network: seen({
        addresses: [
          { interface: 'eth0', address: '203.0.113.9', prefixLength: 24, scope: 'global', up: true },
        ],
        routes: [{ destination: 'default', interface: 'eth0', gateway: '203.0.113.1', family: 4 }],
        bridgePorts: {},
        sysctls: {},
      }),
    });
    expect(only(global, 'exposure')).toMatchObject({ status: 'fail', code: 'exposed' });
  });

  it('is quiet behind a rule and on loopback', async () => {
    expect(only(await rowsOf(), 'exposure')?.status).toBe('pass');
    const rows = await rowsOf({
      listeners: seen({ listeners: [loopback], ownersKnown: true }),
      rulesets: rules(),
    });
    expect(only(rows, 'exposure')?.status).toBe('pass');
  });

  it('warns of rules that keep others out now and are saved nowhere', async () => {
    const rows = await rowsOf(saved(undefined, false));
    expect(only(rows, 'persistence')).toMatchObject({ status: 'warn', code: 'not-persistent' });
  });

  it('warns of a container that gets through now and will not after a boot', async () => {
    const rows = await rowsOf(saved('*filter\n:INPUT DROP [0:0]\nCOMMIT\n'));
    expect(only(rows, 'persistence')).toMatchObject({ status: 'warn', code: 'not-persistent' });
    expect(only(rows, 'persistence')?.summary).toContain('web gets through now');
  });

  it('is quiet when the files say what is in force', async () => {
    const text = [
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ...letsOnlyTheContainerIn.map((line) => line.slice(8)),
      'COMMIT',
      '',
    ];
    expect(only(await rowsOf(saved(text.join('\n'))), 'persistence')?.status).toBe('pass');
  });
});

it('drops no word about a container whose probe could not be made, and calls nothing broken', async () => {
  const rows = await rowsOf({ answer: { kind: 'unavailable', reason: 'the image has no shell' } });
  expect(only(rows, 'container-reach')).toMatchObject({ status: 'inconclusive' });
  expect(rows.filter((row) => row.status === 'fail')).toEqual([]);
});

it('takes an answer of Ollama for what it is whatever else could not be read', async () => {
  const rows = await rowsOf({
    answer: ollama,
    listeners: unavailable('no /proc'),
    network: unavailable('no ip'),
    ownership: unavailable('no root'),
    rulesets: unavailable('no root'),
  });
  expect(rows.filter((row) => row.status === 'inconclusive' && row.matters !== false)).toEqual([]);
});
