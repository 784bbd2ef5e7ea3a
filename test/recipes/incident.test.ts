import { describe, expect, it } from 'vitest';
import { seen, wildcard } from '../checks/host-of-values.ts';
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

const lines = [
  '-A INPUT -i lo -j ACCEPT',
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A INPUT -i eth0 -p tcp -m tcp --dport 11434 -j DROP',
  '-A INPUT -p tcp -m tcp --dport 11434 -j DROP',
];
const live = save('DROP', ...lines.map((line, index) => `[${index}:60] ${line}`));
const saved = `# by hand\n${save('DROP', ...lines)}`;
const ours =
  '-A INPUT -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j ACCEPT';

describe('the incident: loopback bind, DROP rules, nothing for IPv6', () => {
  const host = brokenHost({
    ownership: seen(savedBy('netfilter-persistent', saved)),
    rulesets: seen({ listings: listings(live), missing: [] }),
  });

  it('closes IPv6, then binds, then lets the subnet in ahead of the rule that decides', async () => {
    const { plans, refusals } = await plan([dropCause, bindCause], host);
    expect(refusals).toEqual([]);
    expect(plans.map((one) => [one.recipe, one.cures])).toEqual([
      ['bind-all-interfaces', ['bind-loopback@host']],
      ['allow-container-subnet', ['firewall-drop@container:web']],
    ]);
    expect(commands(plans)).toEqual([
      "ip6tables -I INPUT 1 '!' -i lo -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j DROP",
      'systemctl daemon-reload',
      'systemctl restart ollama.service',
      'iptables -I INPUT 4 -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j ACCEPT',
    ]);
  });

  it('writes a drop-in, the one rule into rules.v4 at its place, and a rules.v6 with the one rule', async () => {
    const files = written((await plan([bindCause, dropCause], host)).plans);
    expect(Object.keys(files)).toEqual([
      '/etc/iptables/rules.v6',
      '/etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf',
      '/etc/iptables/rules.v4',
    ]);
    expect(files['/etc/iptables/rules.v4']).toBe(saved.replace(`${lines[3]}\n`, `${ours}\n${lines[3]}\n`));
    expect(files['/etc/iptables/rules.v6']).toBe(
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ! -i lo -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j DROP\nCOMMIT\n',
    );
    const dropIn = files['/etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf'] ?? '';
    expect(dropIn.split('\n').filter((line) => !line.startsWith('#'))).toEqual([
      '[Service]',
      'Environment="OLLAMA_HOST=0.0.0.0:11434"',
      '',
    ]);
    expect(dropIn).toContain('ollama-doctor undo');
  });

  it('names who gains access, and what a restart costs', async () => {
    const [bind, allow] = (await plan([bindCause, dropCause], host)).plans;
    expect(bind?.gainsAccess).toEqual([]);
    expect(allow?.gainsAccess).toEqual(['container:web']);
    expect(bind?.notes.join('\n')).toMatch(/restarting Ollama ends generations/u);
    expect(bind?.notes.join('\n')).toContain('127.0.0.1:11434 still answers');
    expect(allow?.notPersistent).toBeUndefined();
  });

  it('takes each rule back by its words, as long as it is seen', async () => {
    const rules = changes((await plan([bindCause, dropCause], host)).plans).filter(
      (change) => change.kind === 'command',
    );
    expect(rules.map((change) => change.inForce)).toEqual([
      {
        argv: ['ip6tables', '-S'],
        line: '-A INPUT ! -i lo -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j DROP',
      },
      { argv: ['iptables', '-S'], line: ours },
    ]);
    expect(rules.flatMap((change) => change.undo.map((argv) => argv.slice(0, 3)))).toEqual([
      ['ip6tables', '-D', 'INPUT'],
      ['iptables', '-D', 'INPUT'],
    ]);
  });

  it('keeps the port that is in force', async () => {
    const moved = { ...wildcard, address: '127.0.0.1', wildcard: false, family: 4 as const, port: 8080 };
    const { plans } = await plan([bindCause], {
      ...host,
      services: seen([
        {
          ...(host.services?.state === 'seen' ? host.services.value[0] : undefined),
          processHost: { value: '127.0.0.1:8080', source: '/proc/812/environ' },
        } as never,
      ]),
      listeners: seen({ listeners: [moved], ownersKnown: true }),
    });
    expect(Object.values(written(plans)).join('\n')).toContain('OLLAMA_HOST=0.0.0.0:8080"');
    expect(commands(plans).join('\n')).toContain('--dport 8080');
    expect(commands(plans).join('\n')).not.toContain('11434');
  });
});

describe('planning refuses rather than guesses', () => {
  it('does not bind where the rules cannot be read', async () => {
    const { plans, refusals } = await plan(
      [bindCause],
      brokenHost({
        rulesets: { state: 'unavailable', reason: 'it needs root', help: 'run it again with sudo' },
      }),
    );
    expect(plans).toEqual([]);
    expect(refusals).toMatchObject([
      {
        recipe: 'bind-all-interfaces',
        reason: expect.stringContaining('it needs root'),
        instructions: ['run it again with sudo'],
      },
    ]);
  });

  it.each([
    [
      'nixos',
      '-A nixos-fw -p tcp -m tcp --dport 11434 -j DROP',
      ':nixos-fw - [0:0]',
      '-A INPUT -j nixos-fw',
      /configuration\.nix/u,
    ],
    [
      'nobody',
      '-A f2b-ollama -s 172.18.0.2/32 -j REJECT --reject-with icmp-port-unreachable',
      ':f2b-ollama - [0:0]',
      '-A INPUT -j f2b-ollama',
      /fail2ban/u,
    ],
  ] as const)(
    'rules of %s are opened by their owner, with the words to type',
    async (owner, rule, chain, jump, words) => {
      const v4 = ['*filter', ':INPUT ACCEPT [0:0]', chain, jump, rule, 'COMMIT', ''].join('\n');
      const { plans, refusals } = await plan(
        [dropCause],
        brokenHost({
          listeners: seen({ listeners: [wildcard], ownersKnown: true }),
          ownership: seen(savedBy(owner)),
          rulesets: seen({ listings: listings(v4), missing: [] }),
        }),
      );
      expect(plans).toEqual([]);
      expect(refusals.map((one) => one.instructions.join('\n'))).toEqual([expect.stringMatching(words)]);
    },
  );

  it('a drop-in that sorts behind ours and sets the variable is named', async () => {
    const later = '/etc/systemd/system/ollama.service.d/zzz.conf';
    const { plans, refusals } = await plan(
      [bindCause],
      brokenHost({
        services: seen([
          {
            ...(await import('../checks/host-of-values.ts')).service(),
            processHost: { value: '127.0.0.1', source: '' },
            dropIns: [later],
            settings: [
              {
                variable: 'OLLAMA_HOST',
                value: '127.0.0.1',
                file: later,
                line: 2,
                text: 'Environment=OLLAMA_HOST=127.0.0.1',
                kind: 'environment',
                status: 'in-force',
              },
            ],
          },
        ]),
      }),
    );
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions.join('\n')).toContain(`line 2 of ${later}`);
  });
});
