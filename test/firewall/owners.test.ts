import { describe, expect, it } from 'vitest';
import {
  candidateSources,
  describeRule,
  firewalldZone,
  isUfwPolicy,
  ownerOf,
  type RuleReference,
} from '../../src/firewall/index.ts';

const ref = (chain: string, table = 'filter', text = '-j DROP', rule: number | null = 1): RuleReference => ({
  backend: 'nft',
  family: 'ip',
  table,
  hook: 'input',
  chain,
  rule,
  text,
});

describe('who keeps a rule', () => {
  it.each([
    ['ufw-user-input', 'filter', 'ufw'],
    ['ufw6-before-input', 'filter', 'ufw'],
    ['filter_IN_public_allow', 'firewalld', 'firewalld'],
    ['IN_public_allow', 'filter', 'firewalld'],
    ['DOCKER-USER', 'filter', 'docker'],
    ['f2b-sshd', 'filter', 'fail2ban'],
    ['f2b-chain', 'f2b-table', 'fail2ban'],
    ['NETAVARK_INPUT', 'filter', 'podman'],
    ['INPUT', 'netavark', 'podman'],
    ['crowdsec-chain', 'crowdsec', 'crowdsec'],
    ['KUBE-FIREWALL', 'filter', 'kubernetes'],
    ['cali-INPUT', 'filter', 'calico'],
    ['LIBVIRT_INP', 'filter', 'libvirt'],
    ['input', 'nixos-fw', 'nixos'],
    ['ts-input', 'filter', 'tailscale'],
    ['INPUT', 'filter', null],
    ['input', 'my-table', null],
  ])('%s of %s', (chain, table, owner) => {
    expect(ownerOf(ref(chain, table))).toBe(owner);
  });

  it('knows our own rules by their comment', () => {
    expect(ownerOf(ref('INPUT', 'filter', '-A INPUT -m comment --comment ollama-doctor -j ACCEPT'))).toBe(
      'ollama-doctor',
    );
    expect(ownerOf(ref('input', 't', 'tcp dport 11434 accept comment "ollama-doctor"'))).toBe(
      'ollama-doctor',
    );
  });
});

describe('a rule as its keeper knows it', () => {
  it('speaks of ufw rules in the words of ufw', () => {
    const text = '-A ufw-user-input -s 172.18.0.0/16 -i eth0 -p tcp -m tcp --dport 11434 -j DROP';
    expect(describeRule(ref('ufw-user-input', 'filter', text))).toBe(
      'ufw rule: deny in on eth0 from 172.18.0.0/16 to any port 11434',
    );
    expect(describeRule(ref('ufw-skip-to-policy-input'))).toContain('default policy');
  });

  it("names firewalld's zone", () => {
    expect(describeRule(ref('filter_IN_public_deny', 'firewalld'))).toContain('firewalld zone public');
    expect(firewalldZone('filter_IN_my_zone_allow')).toBe('my_zone');
    expect(firewalldZone('filter_INPUT')).toBeNull();
  });

  it('names chain, position and table of rules that nobody keeps', () => {
    expect(describeRule(ref('INPUT'))).toBe('rule 1 of chain INPUT (ip table filter)');
    expect(describeRule(ref('INPUT', 'filter', ':INPUT DROP', null))).toBe(
      'the policy of chain INPUT (ip table filter)',
    );
  });

  it("tells ufw's default policy from one set by hand", () => {
    const policy = ref('INPUT', 'filter', ':INPUT DROP', null);
    expect(isUfwPolicy(policy, '*filter\n:INPUT DROP [0:0]\n:ufw-user-input - [0:0]\nCOMMIT\n')).toBe(true);
    expect(isUfwPolicy(policy, '*filter\n:INPUT DROP [0:0]\nCOMMIT\n')).toBe(false);
  });
});

describe('sources worth asking about', () => {
  it('lie on both sides of every edge that is named', () => {
    const text =
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -s 172.18.0.0/16 -m iprange --src-range 10.1.0.5-10.1.0.9 -j ACCEPT\nCOMMIT\n';
    const sources = candidateSources([{ format: 'iptables-save', text }]);
    for (const edge of [
      '172.17.255.255',
      '172.18.0.1',
      '172.18.255.255',
      '172.19.0.0',
      '10.1.0.4',
      '10.1.0.5',
      '10.1.0.9',
      '10.1.0.10',
    ]) {
      expect(sources).toContain(edge);
    }
  });

  it('are read from nft prefixes, for IPv6 too', () => {
    const text =
      '{"nftables": [{"rule": {"expr": [{"match": {"right": {"prefix": {"addr": "fd00:18::", "len": 64}}}}]}}]}';
    const sources = candidateSources([{ format: 'nft-json', text }]);
    expect(sources).toContain('fd00:18::1');
    expect(sources).toContain('fd00:18:0:1::');
    expect(sources).toContain('fd00:17:ffff:ffff:ffff:ffff:ffff:ffff');
  });

  it('hold the internet and private networks, and stay few for a blocklist', () => {
    expect(candidateSources([])).toEqual(
      expect.arrayContaining(['8.8.8.8', '192.168.1.50', '2001:4860:4860::8888']),
    );
    const text = Array.from({ length: 5000 }, (_, i) => `-A INPUT -s 9.${i >> 8}.${i & 255}.1 -j DROP`).join(
      '\n',
    );
    expect(candidateSources([{ format: 'iptables-save', text }]).length).toBeLessThan(500);
  });
});
