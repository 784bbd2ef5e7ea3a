import { describe, expect, it } from 'vitest';
import { decide, type Decision, type HostFacts, type Packet } from '../../src/firewall/index.ts';

const host: HostFacts = {
  addresses: [
    { interface: 'eth0', address: '192.168.1.10', prefixLength: 24 },
    { interface: 'docker0', address: '172.17.0.1', prefixLength: 16 },
    { interface: 'br-abc', address: '172.18.0.1', prefixLength: 16 },
  ],
};
const packet: Packet = {
  inInterface: 'br-abc',
  source: '172.18.0.2',
  destination: '172.17.0.1',
  destinationPort: 11434,
};

function filter(rules: string, policy = 'ACCEPT', chains = ''): string {
  return `*filter\n:INPUT ${policy} [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${chains}${rules}COMMIT\n`;
}

function on(text: string, p: Partial<Packet> = {}, h: Partial<HostFacts> = {}): Decision {
  return decide({
    rulesets: [{ format: 'iptables-save', text }],
    packet: { ...packet, ...p },
    host: { ...host, ...h },
  });
}

describe('filter INPUT of an iptables listing', () => {
  it('accepts where there are no rules, decided by nobody', () => {
    const d = decide({ rulesets: [], packet, host });
    expect(d).toMatchObject({ verdict: 'accept', seen: 'connected', decidedBy: null, unknown: [] });
  });

  it('blames the policy as rule null of its chain', () => {
    const d = on('*filter\n:INPUT DROP [4:240]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n');
    expect(d).toMatchObject({
      verdict: 'drop',
      seen: 'timeout',
      decidedBy: {
        family: 'ip',
        table: 'filter',
        hook: 'input',
        chain: 'INPUT',
        rule: null,
        packets: 4,
        bytes: 240,
      },
    });
  });

  it.each(['99999', '443:99999', '65536'])('guesses nothing of a port that is none: %s', (ports) => {
    const line = `-A INPUT -p tcp -m tcp --dport ${ports} -j DROP`;
    expect(on(filter(`${line}\n`))).toMatchObject({
      verdict: 'unknown',
      unknown: [`ip filter INPUT rule 1: ${line}`],
    });
  });

  it('names the deciding rule with its position, its line and its counters', () => {
    const line = '-A INPUT -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -j DROP';
    const d = on(filter(`[1:60] -A INPUT -i lo -j ACCEPT\n[7:420] ${line}\n`));
    expect(d.decidedBy).toMatchObject({ rule: 2, text: line, packets: 7, bytes: 420 });
  });

  it.each([
    ['-p tcp -m tcp --dport 11434', true],
    ['-p tcp -m tcp ! --dport 11434', false],
    ['-p tcp -m tcp --dport 11000:12000', true],
    ['-p tcp -m tcp --dport :11433', false],
    ['-p tcp --dport 11434', true],
    ['-p udp -m udp --dport 11434', false],
    ['-i eth0', false],
    ['! -i eth0', true],
    ['-i br-+', true],
    ['-s 172.16.0.0/12', true],
    ['! -s 172.16.0.0/12', false],
    ['-s 172.18.0.0/255.255.0.0', true],
    ['-s 0.0.0.2/0.0.0.255', true],
    ['-d 172.17.0.1/32', true],
    ['-p tcp -m multiport --dports 80,443,11434', true],
    ['-p tcp -m multiport ! --dports 80,11430:11440', false],
    ['-m iprange --src-range 172.18.0.1-172.18.0.9', true],
    ['-m conntrack --ctstate NEW', true],
    ['-m conntrack --ctstate RELATED,ESTABLISHED', false],
    ['-m state --state NEW', true],
    ['-m conntrack --ctstate INVALID', false],
    ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN', true],
    ['-p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN', false],
    ['-p tcp -m tcp ! --syn', false],
    ['-m addrtype --dst-type LOCAL', true],
    ['-m addrtype --src-type LOCAL', false],
    ['-m addrtype --dst-type LOCAL --limit-iface-in', false],
    ['-m mark --mark 0x1', false],
    ['-m mark --mark 0x0/0xff', true],
    ['-f', false],
    ['-m comment --comment "-j DROP it"', true],
    ['-m comment --comment -j', true],
    ['-m conntrack --ctstatus NONE', false],
    ['-m conntrack ! --ctorigdst 10.0.0.1', true],
  ])('matches as the kernel does: %s', (match, matches) => {
    const d = on(filter(`-A INPUT ${match} -j DROP\n`));
    expect(d.verdict).toBe(matches ? 'drop' : 'accept');
    expect(d.unknown).toEqual([]);
  });

  it.each([
    ['', 'refused'],
    [' --reject-with icmp-port-unreachable', 'refused'],
    [' --reject-with tcp-reset', 'refused'],
    [' --reject-with icmp-host-prohibited', 'host-unreachable'],
    [' --reject-with icmp-admin-prohibited', 'host-unreachable'],
    [' --reject-with icmp-net-unreachable', 'network-unreachable'],
  ])('tells what the client sees of REJECT%s', (option, seen) => {
    const d = on(filter(`-A INPUT -p tcp -j REJECT${option}\n`));
    expect(d).toMatchObject({ verdict: 'reject', seen, decidedBy: { rule: 1 } });
  });
});

describe('chains', () => {
  it('comes back from a user chain without a verdict, and after RETURN', () => {
    const rules =
      '-A INPUT -j one\n-A INPUT -j DROP\n-A one -s 10.0.0.0/8 -j ACCEPT\n-A one -j RETURN\n-A one -j ACCEPT\n';
    expect(on(filter(rules, 'ACCEPT', ':one - [0:0]\n')).decidedBy).toMatchObject({
      chain: 'INPUT',
      rule: 2,
    });
  });

  it('takes a goto back to the caller of the chain that jumped', () => {
    const rules = '-A INPUT -j a\n-A INPUT -j DROP\n-A a -g b\n-A a -j ACCEPT\n-A b -p udp -j ACCEPT\n';
    expect(on(filter(rules, 'ACCEPT', ':a - [0:0]\n:b - [0:0]\n')).decidedBy).toMatchObject({
      chain: 'INPUT',
      rule: 2,
    });
  });

  it('shows the jumps that led to the rule', () => {
    const rules = '-A INPUT -j a\n-A a -s 10.0.0.0/8 -j b\n-A a -j b\n-A b -j DROP\n';
    const d = on(filter(rules, 'ACCEPT', ':a - [0:0]\n:b - [0:0]\n'));
    expect(d.trace.map((s) => [s.chain, s.rule, s.action, s.target])).toEqual([
      ['INPUT', 1, 'jump', 'a'],
      ['a', 2, 'jump', 'b'],
      ['b', 1, 'drop', undefined],
    ]);
  });

  it('names a loop of jumps and does not judge', () => {
    const rules = '-A INPUT -j a\n-A a -j b\n-A b -j a\n';
    const d = on(filter(rules, 'ACCEPT', ':a - [0:0]\n:b - [0:0]\n'));
    expect(d.verdict).toBe('unknown');
    expect(d.unknown.join()).toContain('loop');
  });
});

describe('rulesets made to be slow', () => {
  it('that jump twice to each next chain are decided', () => {
    const n = 60;
    const names = Array.from({ length: n }, (_, i) => `c${i}`);
    const jumps = names.slice(0, -1).map((c, i) => `-A ${c} -j c${i + 1}\n-A ${c} -j c${i + 1}\n`);
    const rules = `-A INPUT -j c0\n-A INPUT -j DROP\n${jumps.join('')}-A c${n - 1} -j RETURN\n`;
    expect(on(filter(rules, 'ACCEPT', names.map((c) => `:${c} - [0:0]\n`).join(''))).decidedBy).toMatchObject(
      { rule: 2 },
    );
  });

  it('that nest a thousand chains are followed to the end', () => {
    const names = Array.from({ length: 800 }, (_, i) => `c${i}`);
    const rules = `-A INPUT -j c0\n${names
      .slice(0, -1)
      .map((c, i) => `-A ${c} -p tcp -j c${i + 1}\n`)
      .join('')}-A c799 -j DROP\n`;
    expect(on(filter(rules, 'ACCEPT', names.map((c) => `:${c} - [0:0]\n`).join(''))).decidedBy).toMatchObject(
      { chain: 'c799' },
    );
  });
});

describe('other hooks', () => {
  it('lets a drop in raw PREROUTING win over an accept in INPUT', () => {
    const raw =
      '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -p tcp -j DROP\nCOMMIT\n';
    const d = on(raw + filter('-A INPUT -j ACCEPT\n'));
    expect(d.decidedBy).toMatchObject({ table: 'raw', hook: 'prerouting', rule: 1 });
  });

  it('counts the way of the answer back through OUTPUT', () => {
    const text = '*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT DROP [0:0]\n-A OUTPUT -o eth0 -j ACCEPT\nCOMMIT\n';
    expect(on(text)).toMatchObject({
      verdict: 'drop',
      seen: 'timeout',
      decidedBy: { hook: 'output', rule: null },
    });
    const open = text.replace('-o eth0', '-m conntrack --ctstate ESTABLISHED');
    expect(on(open).verdict).toBe('accept');
  });

  it('sees a refusal swallowed by OUTPUT as silence', () => {
    const text = filter('-A INPUT -p tcp -j REJECT\n-A OUTPUT -p icmp -j DROP\n');
    expect(on(text)).toMatchObject({ verdict: 'drop', seen: 'timeout', decidedBy: { chain: 'OUTPUT' } });
  });

  it('makes an untracked packet match neither NEW nor ESTABLISHED', () => {
    const raw =
      '*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -p tcp -j CT --notrack\nCOMMIT\n';
    const d = on(raw + filter('-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n', 'DROP'));
    expect(d.verdict).toBe('drop');
    expect(on(raw + filter('-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\n', 'DROP')).verdict).toBe(
      'accept',
    );
  });

  it('sends a REDIRECT to the address of the interface the packet came in by', () => {
    const nat =
      '*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 11434\nCOMMIT\n';
    const rules = filter('-A INPUT -d 172.18.0.1/32 -p tcp -m tcp --dport 11434 -j DROP\n');
    expect(on(nat + rules, { destinationPort: 80 })).toMatchObject({
      verdict: 'drop',
      decidedBy: { rule: 1 },
    });
  });

  it('drops a translation to loopback as a martian unless route_localnet allows it', () => {
    const nat =
      '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j DNAT --to-destination 127.0.0.1:11434\nCOMMIT\n';
    expect(on(nat).decidedBy).toEqual({ reason: 'martian' });
    const sysctls = { 'net.ipv4.conf.br-abc.route_localnet': '1' };
    expect(on(nat, {}, { sysctls }).verdict).toBe('accept');
    expect(on(nat, { source: '192.168.1.50' }, { sysctls }).decidedBy).toEqual({ reason: 'martian' });
  });

  it('applies a strict reverse path filter by the larger of all and the interface', () => {
    const spoofed = { source: '192.168.1.50' };
    expect(on('', spoofed).verdict).toBe('accept');
    const sysctls = { 'net.ipv4.conf.all.rp_filter': '1' };
    expect(on('', spoofed, { sysctls }).decidedBy).toEqual({ reason: 'rp-filter' });
    const loose = { 'net.ipv4.conf.all.rp_filter': '1', 'net.ipv4.conf.br-abc.rp_filter': '2' };
    expect(on('', spoofed, { sysctls: loose }).verdict).toBe('accept');
  });
});

describe('what is not given', () => {
  it('is unknown, naming the rule, where the two outcomes differ', () => {
    const d = on(filter('-A INPUT -m set --match-set crowdsec src -j DROP\n'));
    expect(d).toMatchObject({ verdict: 'unknown', seen: 'unknown', decidedBy: null });
    expect(d.unknown).toEqual([expect.stringContaining('-m set --match-set crowdsec src -j DROP')]);
  });

  it('does not matter where both outcomes agree', () => {
    const d = on(filter('-A INPUT -m owner --uid-owner 0 -j DROP\n', 'DROP'));
    expect(d).toMatchObject({ verdict: 'drop', decidedBy: { rule: null }, unknown: [] });
  });

  it('does not matter in a rule that fails for another reason', () => {
    expect(on(filter('-A INPUT -m string --string x --algo bm -p udp -j DROP\n')).verdict).toBe('accept');
  });

  it('follows marks set on an undecided branch', () => {
    const rules =
      '-A INPUT -m time --timestart 08:00 -j MARK --set-xmark 0x1/0xffffffff\n-A INPUT -m mark --mark 0x1 -j DROP\n';
    const d = on(filter(rules));
    expect(d.verdict).toBe('unknown');
    expect(d.unknown[0]).toContain('-m time');
  });

  it('decides many undecided rules without following every combination', () => {
    const rules =
      '-A INPUT -m string --string x --algo bm -j LOG\n-A INPUT -m string --string x --algo bm -j a\n'.repeat(
        40,
      );
    expect(on(filter(rules, 'DROP', ':a - [0:0]\n')).verdict).toBe('drop');
  });
});

describe('rate matches', () => {
  it('are decided for the first packet of a fresh state and listed', () => {
    const d = on(filter('-A INPUT -p tcp -m limit --limit 3/min -j ACCEPT\n', 'DROP'));
    expect(d.verdict).toBe('accept');
    expect(d.dependsOnRate).toEqual([expect.stringContaining('-m limit')]);
  });

  it('let the first SYN through the way ufw limits', () => {
    const rules =
      '-A INPUT -p tcp -m conntrack --ctstate NEW -m recent --set --name DEFAULT --mask 255.255.255.255 --rsource\n' +
      '-A INPUT -p tcp -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 --name DEFAULT --mask 255.255.255.255 --rsource -j DROP\n' +
      '-A INPUT -p tcp -j ACCEPT\n';
    expect(on(filter(rules, 'DROP')).verdict).toBe('accept');
    expect(on(filter(rules.replace('--hitcount 6', '--hitcount 1'), 'ACCEPT')).verdict).toBe('drop');
  });

  it('do not list a rule whose other matches fail', () => {
    expect(on(filter('-A INPUT -p udp -m limit --limit 3/min -j DROP\n')).dependsOnRate).toEqual([]);
  });
});

describe('what was not said about the packet', () => {
  it('a source port is some ephemeral one, and decided where that is enough', () => {
    const sport = (match: string, p: Partial<Packet> = {}) =>
      on(filter(`-A INPUT -p tcp -m tcp ${match} -j DROP\n`), p).verdict;
    expect(sport('--sport 1024:65535')).toBe('drop');
    expect(sport('--sport 1024:')).toBe('drop');
    expect(sport('--sport :1023')).toBe('accept');
    expect(sport('! --sport 53')).toBe('drop');
    expect(sport('--sport 40000:50000')).toBe('unknown');
    expect(sport('--sport 40000:50000', { sourcePort: 45000 })).toBe('drop');
    expect(on(filter('-A INPUT -p tcp -m multiport --sports 53,1024:65535 -j DROP\n')).verdict).toBe('drop');
  });

  it('the destination is local, also where no addresses were given', () => {
    const rules = '-A INPUT -m addrtype --dst-type LOCAL -j RETURN\n-A INPUT -j DROP\n';
    expect(on(filter(rules), {}, { addresses: [] }).verdict).toBe('accept');
  });

  it('the MAC address is open', () => {
    const rules = filter('-A INPUT -m mac --mac-source 02:42:AC:12:00:02 -j DROP\n');
    expect(on(rules).verdict).toBe('unknown');
    expect(on(rules, { sourceMac: '02:42:ac:12:00:02' }).verdict).toBe('drop');
  });
});

describe('files written by hand', () => {
  it('may leave out declarations, and hold other commands of iptables', () => {
    const text =
      '*filter\n-N mine\n-P INPUT DROP\n-A INPUT -p udp -j ACCEPT\n-I INPUT -p tcp --dport 11434 -j mine\n-I INPUT 2 -j LOG\n-A mine -s 10.0.0.0/8 -j ACCEPT\nCOMMIT\n';
    const d = on(text);
    expect(d.decidedBy).toMatchObject({ chain: 'INPUT', rule: null });
    const open = on(text.replace('10.0.0.0/8', '172.18.0.0/16'));
    expect(open).toMatchObject({ verdict: 'accept', decidedBy: { chain: 'mine', rule: 1 } });
    expect(open.trace.find((s) => s.action === 'jump')).toMatchObject({
      rule: 1,
      text: '-A INPUT -p tcp --dport 11434 -j mine',
    });
  });

  it('may put a target ahead of its matches, and negate the old way', () => {
    expect(on(filter('-A INPUT -j DROP -p tcp --dport 11434\n')).verdict).toBe('drop');
    expect(on(filter('-A INPUT -s ! 172.18.0.0/16 -j DROP\n')).verdict).toBe('accept');
  });
});

describe('both back ends at once', () => {
  const rulesets = (nft: string, legacy: string) => [
    { format: 'iptables-save' as const, backend: 'nft' as const, text: filter(nft) },
    { format: 'iptables-save' as const, backend: 'legacy' as const, text: filter(legacy) },
  ];

  it('must both let the packet pass', () => {
    const d = decide({
      rulesets: rulesets('-A INPUT -j ACCEPT\n', '-A INPUT -p tcp -j DROP\n'),
      packet,
      host,
    });
    expect(d).toMatchObject({ verdict: 'drop', decidedBy: { backend: 'legacy', rule: 1 } });
  });

  it('leave open which of two different refusals the client meets', () => {
    const d = decide({
      rulesets: rulesets('-A INPUT -p tcp -j REJECT\n', '-A INPUT -p tcp -j DROP\n'),
      packet,
      host,
    });
    expect(d).toMatchObject({ verdict: 'unknown', unknown: [expect.stringContaining('no listing tells')] });
  });
});

describe('bad listings', () => {
  it('are named, and not judged, when they end early', () => {
    const d = on('*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dp');
    expect(d.verdict).toBe('unknown');
    expect(d.unknown.join()).toContain('no COMMIT');
  });

  it('leave a decision without addresses, and without a packet', () => {
    expect(decide({ rulesets: [], packet, host: {} as HostFacts }).verdict).toBe('accept');
    expect(decide({ rulesets: [], packet: {} as Packet, host }).verdict).toBe('unknown');
    expect(decide(undefined as never).verdict).toBe('unknown');
  });
});

describe('rules as no listing prints them, but hand-written files and unknown modules have them', () => {
  it.each([
    '-m ipp2p --edk -j DROP',
    '-m lscan --stealth --synscan -j DROP',
    '-p tcp -m tcp --dport -j DROP',
    '-p tcp -s -j DROP',
    '-p tcp DROP',
    '-p tcp - j DROP',
    '-p tcp -m tcp --dport 11434 -J DROP',
    '-m comment --comment "never closed -j DROP',
    '-p tcp -j ACCEPT -j DROP',
  ])('guess nothing where the target may be what is not understood: %s', (rest) => {
    const line = `-A INPUT ${rest}`;
    expect(on(filter(`${line}\n`))).toMatchObject({
      verdict: 'unknown',
      unknown: [`ip filter INPUT rule 1: ${line}`],
    });
  });

  it.each([
    '-p tcp --dport=11434 -j DROP',
    '-ptcp -m tcp --dport=11434 --jump=DROP',
    '-s172.18.0.2 -jDROP',
    '--source=172.18.0.0/16 -ibr+ -j DROP',
    '-m comment --comment=x -j DROP',
    '-m comment --comment --dport=22 -j DROP',
    '-m comment --comment -j -j DROP',
    '-p tcp --ju DROP',
    '--jump DROP',
  ])('are read as iptables-restore reads them: %s', (rest) => {
    expect(on(filter(`-A INPUT ${rest}\n`))).toMatchObject({ verdict: 'drop', decidedBy: { rule: 1 } });
  });
});
