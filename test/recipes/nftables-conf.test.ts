import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spliceConf } from '../../src/recipes/firewall/nftables/conf-file.ts';

const chain = { family: 'inet', table: 'filter', chain: 'input' };
const ours = 'ip saddr 172.18.0.0/16 tcp dport 11434 accept comment "ollama-doctor"';

const conf = `#!/usr/sbin/nft -f
flush ruleset
define lan = 10.0.0.0/8

table ip filter {
  chain input {
    type filter hook input priority 0; policy accept;
    tcp dport 11434 drop
  }
}
table inet filter {
  set blocked {
    type ipv4_addr
    elements = { 192.0.2.1, # { not a chain
                 192.0.2.2 }
  }
  chain input {
    type filter hook input priority filter; policy drop;

    ip saddr @blocked drop
    tcp dport {
      22, # a set over lines
      80
    } accept
    ip saddr $lan log prefix "in } # {" accept
    tcp dport 11434 counter drop
  }
  chain forward {
    type filter hook forward priority filter; policy drop;
  }
}
`;

describe('a rule in a script for nft', () => {
  it('stands ahead of the rule that the kernel has at its place, in the chain of that family alone', () => {
    const live = { count: 4, position: 4, next: 'tcp dport 11434 counter packets 3 bytes 180 drop' };
    const after = spliceConf(conf, chain, live, ours);
    expect(after).toBe(
      conf.replace('    tcp dport 11434 counter drop', `    ${ours}\n    tcp dport 11434 counter drop`),
    );
    expect(spliceConf(after ?? '', chain, live, ours)).toBe(after);
  });

  it('is put ahead of a rule of several lines as a whole', () => {
    const after = spliceConf(conf, chain, { count: 4, position: 2, next: 'x' }, ours);
    expect(after).toBe(conf.replace('    tcp dport {\n', `    ${ours}\n    tcp dport {\n`));
  });

  it('stands last where the policy blocks, also in a chain without rules', () => {
    const last = { count: 4, position: 5, next: null };
    expect(spliceConf(conf, chain, last, ours)).toContain(
      `tcp dport 11434 counter drop\n    ${ours}\n  }\n  chain forward`,
    );
    const empty = { count: 0, position: 1, next: null };
    expect(spliceConf(conf, { ...chain, chain: 'forward' }, empty, ours)).toContain(
      `policy drop;\n    ${ours}\n  }\n}\n`,
    );
  });

  it('goes by the words of the rule where the kernel has more rules than the script', () => {
    const live = { count: 9, position: 7, next: 'tcp dport 11434 counter packets 3 bytes 180 drop' };
    expect(spliceConf(conf, chain, live, ours)).toContain(`    ${ours}\n    tcp dport 11434 counter drop`);
    expect(spliceConf(conf, chain, { ...live, next: 'tcp dport 9 drop' }, ours)).toBeUndefined();
  });

  it.each([
    ['no such chain', conf.replaceAll('chain input', 'chain incoming')],
    ['rules of another file in it', conf.replace('ip saddr @blocked drop', 'include "/etc/more.nft"')],
    ['several rules in a line', conf.replace('@blocked drop', '@blocked drop; udp dport 9 drop')],
    [
      'a chain in a line',
      conf.replace(
        / {2}chain input \{\n {4}type filter hook input priority filter[^]*?\n {2}\}/u,
        '  chain input { type filter hook input priority 0; }',
      ),
    ],
    ['the chain in two parts', `${conf}table inet filter {\n  chain input {\n    tcp dport 9 drop\n  }\n}\n`],
    ['rules added one by one', 'add rule inet filter input tcp dport 11434 drop\n'],
  ])('is not put anywhere where the script has %s', (_what, text) => {
    expect(text).not.toBe(conf);
    expect(spliceConf(text, chain, { count: 4, position: 4, next: 'x' }, ours)).toBeUndefined();
  });

  it('never throws, and takes nothing away', () => {
    const piece = fc.constantFrom(
      'table inet filter {',
      'chain input {',
      '}',
      '{',
      '\n',
      ' drop',
      ';',
      '#',
      '"',
      '\\',
      'type filter',
    );
    const property = fc.property(
      fc.array(fc.oneof(piece, fc.string({ maxLength: 5 }))),
      fc.nat(4),
      fc.nat(5),
      (parts, count, position) => {
        const text = parts.join('');
        const after = spliceConf(text, chain, { count, position, next: null }, ours) ?? text;
        const at = after.indexOf(ours);
        const start = after.lastIndexOf('\n', at) + 1;
        const without = at < 0 ? after : after.slice(0, start) + after.slice(at + ours.length + 1);
        return without === text;
      },
    );
    expect(() => {
      fc.assert(property);
    }).not.toThrow();
  });
});
