import { describe, expect, it } from 'vitest';
import type { SimulationScript } from '../../src/machine/simulated.ts';
import { runWith } from './world-of-values.ts';

const drops = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 11434 -j DROP
-A INPUT -p tcp -m tcp --dport 9999 -j REJECT --reject-with icmp-port-unreachable
COMMIT
`;

const machine: SimulationScript = {
  files: { '/r/rules.v4': drops, '/r/none': '', '/r/other': 'hello\n', '/r/secret': 'denied' },
};
const packet = ['firewall', '--in', 'br-1', '--src', '172.18.0.2', '--dst', '172.17.0.1'];
const rules = ['--ruleset', '/r/rules.v4', '--local-address', 'docker0=172.17.0.1/16,br-1=172.18.0.1/16'];

describe('firewall', () => {
  it('names the rule that drops, and exits with 1', async () => {
    const ran = await runWith([...packet, ...rules], { machine });
    expect(ran.exitCode).toBe(1);
    expect(ran.stdout).toContain('✗ drop: the client hears nothing until it times out');
    expect(ran.stdout).toContain('from 172.18.0.2 on br-1 to 172.17.0.1:11434');
    expect(ran.stdout).toContain('table filter, chain INPUT, rule 2');
    expect(ran.stdout).toContain('-A INPUT -p tcp -m tcp --dport 11434 -j DROP');
    expect(ran.stderr).toBe('');
    expect(ran.disposed).toBe(true);
  });

  it('calls a rule what its keeper calls it', async () => {
    const ufw = [
      '*filter',
      ':INPUT DROP [0:0]',
      ':ufw-user-input - [0:0]',
      '-A INPUT -j ufw-user-input',
      '-A ufw-user-input -p tcp -m tcp --dport 11434 -j DROP',
      'COMMIT',
      '',
    ].join('\n');
    const on = { machine: { files: { '/r/ufw': ufw } } };
    const words = 'ufw rule: deny to any port 11434';
    expect((await runWith([...packet, '--ruleset', '/r/ufw'], on)).stdout).toContain(`by ${words}`);
    const json = await runWith([...packet, '--ruleset', '/r/ufw', '--json'], on);
    expect(JSON.parse(json.stdout)).toMatchObject({ keptAs: words });
    const policy = await runWith([...packet, '--ruleset', '/r/ufw', '--dport', '1'], on);
    expect(policy.stdout).toContain("by ufw's default policy for incoming packets");
  });

  it('accepts on another port, and exits with 0', async () => {
    const ran = await runWith([...packet, ...rules, '--dport', '8080'], { machine });
    expect([ran.exitCode, ran.stdout]).toEqual([0, expect.stringContaining('✓ accept')]);
  });

  it('says that the client is refused, and exits with 1', async () => {
    const ran = await runWith([...packet, ...rules, '--dport', '9999'], { machine });
    expect([ran.exitCode, ran.stdout]).toEqual([1, expect.stringContaining('✗ reject')]);
  });

  it('takes an empty listing for no rules', async () => {
    expect((await runWith([...packet, '--ruleset', '/r/none'], { machine })).exitCode).toBe(0);
  });

  it('prints the verdict with the packet and a schema version with --json', async () => {
    const ran = await runWith([...packet, ...rules, '--sport', '4000', '--json'], { machine });
    expect(ran.exitCode).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      schemaVersion: 1,
      tool: { name: 'ollama-doctor' },
      packet: { inInterface: 'br-1', source: '172.18.0.2', destinationPort: 11434, sourcePort: 4000 },
      verdict: 'drop',
      seen: 'timeout',
      decidedBy: { table: 'filter', chain: 'INPUT', rule: 2 },
    });
  });

  it('knows no verdict where the rules of this host cannot be read, and exits with 3', async () => {
    const ran = await runWith([...packet, '--json'], { machine: { identity: { platform: 'darwin' } } });
    expect(ran.exitCode).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({ verdict: 'unknown', seen: 'unknown', decidedBy: null });
    expect(JSON.parse(ran.stdout).unknown[0]).toContain('network');
  });

  it.each([
    ['nothing', ['firewall'], '--in, --src, --dst missing'],
    ['a part of a packet', ['firewall', '--in', 'x', '--dst', '1.2.3.4'], '--src missing'],
    [
      'a container and a source',
      ['firewall', '--container', 'a', '--src', '1.2.3.4'],
      '--src and --container contradict',
    ],
    ['no address', [...packet, '--src', '1.2.3'], "--src takes an IP address, not '1.2.3'"],
    ['no port', [...packet, '--dport', '70000'], "--dport takes a port, not '70000'"],
    [
      'a format that is none',
      [...packet, '--ruleset', 'nft:/r/none'],
      "--ruleset does not know the format 'nft'",
    ],
    [
      'a file that is not there',
      [...packet, '--ruleset', '/r/gone'],
      '--ruleset /r/gone cannot be read: there is no such file',
    ],
    ['a file that may not be read', [...packet, '--ruleset', '/r/secret'], 'permission denied'],
    ['a file that is no listing', [...packet, '--ruleset', '/r/other'], 'is no listing of rules'],
    [
      'no local address',
      [...packet, '--local-address', 'eth0=1.2.3.4'],
      '--local-address takes IFACE=IP/LEN',
    ],
    [
      'a length that is none',
      [...packet, '--local-address', 'eth0=1.2.3.4/33'],
      '--local-address takes IFACE=IP/LEN',
    ],
  ])('refuses %s in one line', async (_, words, message) => {
    const ran = await runWith(words, { machine });
    expect([ran.exitCode, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/^ollama-doctor: .*\n$/u);
    expect(ran.stderr).toContain(message);
  });
});
