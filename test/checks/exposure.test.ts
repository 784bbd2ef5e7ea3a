import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import { container, type HostOfValues, loopback, rowsOf, rules, seen, wildcard } from './host-of-values.ts';

const only = (rows: readonly Row[]): Row | undefined => rows.find((row) => row.id === 'exposure');
const exposure = async (change: Partial<HostOfValues>): Promise<Row | undefined> =>
  only(await rowsOf(change));

const ollama = (hostAddress: string, hostPort = 11_434) =>
  container({
    name: 'ollama',
    image: 'ollama/ollama',
    servesOllama: true,
    env: {},
    ports: [{ hostAddress, hostPort, containerPort: 11_434 }],
  });
const network = (address: string, iface = 'eth0', prefixLength = 24): Partial<HostOfValues> => ({
  network: seen({
    addresses: [
      { interface: iface, address, prefixLength, scope: 'global', up: true },
      { interface: 'docker0', address: '172.17.0.1', prefixLength: 16, scope: 'global', up: true },
      { interface: 'br-1a2b3c4d5e6f', address: '172.18.0.1', prefixLength: 16, scope: 'global', up: true },
    ],
    routes: [{ destination: 'default', interface: iface, gateway: '192.168.1.1', family: 4 }],
    bridgePorts: {},
    sysctls: { 'net.ipv4.ip_forward': '1' },
  }),
});
const nat = {
  format: 'iptables-save' as const,
  backend: 'nft' as const,
  source: 'iptables-save -c',
  text: [
    '*nat',
    ':PREROUTING ACCEPT [0:0]',
    '-A PREROUTING -p tcp -m tcp --dport 11434 -j DNAT --to-destination 172.18.0.2:11434',
    'COMMIT',
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD ACCEPT [0:0]',
    'COMMIT',
    '',
  ].join('\n'),
};

describe('exposure', () => {
  it('says who is let in and who is kept out, and by which rule', async () => {
    const row = await exposure({});
    expect(row?.status).toBe('pass');
    const said = row?.evidence?.map(({ text }) => text).join('\n');
    expect(said).toContain('containers that are let through: web');
    expect(said).toContain(
      'a neighbour on eth0 (192.168.1.9) to 192.168.1.10:11434, is kept out by rule 4 of filter INPUT',
    );
  });

  it('says nothing of Ollama where something else answers on its port', async () => {
    const row = await exposure({
      rulesets: rules(),
      hostAnswer: { kind: 'not-ollama', what: 'a web page ("Directory listing for /")' },
    });
    expect(row).toMatchObject({ status: 'not-applicable' });
  });

  it('follows a published port past INPUT, and says what closes it', async () => {
    const row = await exposure({
      ...network('192.168.1.10'),
      listeners: seen({ listeners: [], ownersKnown: true }),
      services: seen([]),
      containers: seen([ollama('0.0.0.0')]),
      rulesets: seen({ listings: [nat], missing: [] }),
    });
    expect(row).toMatchObject({ status: 'warn', code: 'exposed' });
    expect(row?.instructions?.join(' ')).toContain('127.0.0.1:11434:11434');
    expect(row?.instructions?.join(' ')).not.toContain('guard-port');
    expect(row?.evidence?.[0]?.text).toContain('which container ollama publishes');
  });

  it('fails for a published port that the internet reaches, and names the port', async () => {
    const row = await exposure({
      ...network('203.0.113.9'),
      listeners: seen({ listeners: [{ ...wildcard, port: 8080 }], ownersKnown: true }),
      services: seen([]),
      containers: seen([ollama('', 8080)]),
      rulesets: rules(),
    });
    expect(row).toMatchObject({ status: 'fail', code: 'exposed' });
    expect(row?.summary).toContain('203.0.113.9:8080');
  });

  it('is quiet about a port that is published for this host alone, and about a server on loopback', async () => {
    const quiet = { listeners: seen({ listeners: [loopback], ownersKnown: true }), rulesets: rules() };
    expect((await exposure({ ...quiet, containers: seen([ollama('127.0.0.1')]) }))?.status).toBe('pass');
  });

  it('sees a neighbour who sends packets for an inner address here', async () => {
    const inner = { ...loopback, address: '172.17.0.1' };
    const row = await exposure({
      ...network('192.168.1.10'),
      listeners: seen({ listeners: [inner], ownersKnown: true }),
      rulesets: rules(),
    });
    expect(row).toMatchObject({ status: 'warn', code: 'exposed' });
    expect(row?.evidence?.[0]?.text).toContain('a neighbour on eth0 that sends packets for 172.17.0.1 here');
    const shut = await exposure({
      ...network('192.168.1.10'),
      listeners: seen({ listeners: [inner], ownersKnown: true }),
      rulesets: rules('-A INPUT ! -i docker0 -d 172.17.0.1 -j DROP'),
    });
    expect(shut?.status).toBe('pass');
  });

  it('does not say that all are kept out where a rule lets in an address that it names', async () => {
    const row = await exposure({
      ...network('192.168.1.10'),
      rulesets: rules(
        '-A INPUT -s 198.51.100.44/32 -p tcp -m tcp --dport 11434 -j ACCEPT',
        '-A INPUT -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -j ACCEPT',
        '-A INPUT -p tcp -m tcp --dport 11434 -j DROP',
      ),
    });
    expect(row).toMatchObject({ status: 'pass', summary: 'the rules keep everyone they do not name out' });
    const named = row?.evidence?.map(({ text }) => text).filter((text) => / let through by /u.test(text));
    expect(named).toEqual(['198.51.100.44 on eth0 is let through by rule 1 of filter INPUT']);
  });

  it('names a whole prefix by which a rule lets in, and says what it could not ask about', async () => {
    const lines = [
      '-A INPUT -s 198.51.100.0/24 -p tcp -m tcp --dport 11434 -j ACCEPT',
      '-A INPUT -p tcp -m tcp --dport 11434 -j DROP',
    ];
    const row = await exposure({ ...network('192.168.1.10'), rulesets: rules(...lines) });
    expect(row?.evidence?.map(({ text }) => text)).toContain(
      '198.51.100.0/24 on eth0 is let through by rule 1 of filter INPUT',
    );
    const blocklist = Array.from(
      { length: 20_000 },
      (_, index) => `-A INPUT -s 10.${index >> 8}.${index & 255}.7/32 -p tcp -j DROP`,
    );
    const long = await exposure({ ...network('192.168.1.10'), rulesets: rules(...blocklist, ...lines) });
    expect(long).toMatchObject({ status: 'pass', summary: 'the rules keep everyone they do not name out' });
    expect(long?.evidence?.find(({ source }) => source === 'not looked at')?.text).toMatch(
      /--in eth0 --src ADDRESS --dst 192\.168\.1\.10 --dport 11434/u,
    );
  });

  it('says in words that there is no way for the answer', async () => {
    const { network: looked } = network('192.168.1.10');
    if (looked?.state !== 'seen') throw new Error('no network');
    const row = await exposure({ network: seen({ ...looked.value, routes: [] }), rulesets: rules() });
    const said = row?.evidence?.map(({ text }) => text).join('\n');
    expect(said).toContain('is kept out by routing: this host has no route for the answer');
  });

  it('tells peers of a private network from the local network', async () => {
    const row = await exposure({ ...network('100.101.1.2', 'tailscale0', 32), rulesets: rules() });
    expect(row).toMatchObject({ status: 'warn' });
    expect(row?.summary).toContain('whoever is in the same private network can use Ollama at 100.101.1.2');
  });
});
