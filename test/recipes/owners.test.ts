import { describe, expect, it } from 'vitest';
import { planFixes } from '../../src/recipes/index.ts';
import type { SimulationScript } from '../../src/machine/simulated.ts';
import { seen, wildcard } from '../checks/host-of-values.ts';
import type { RulesetListing } from '../../src/facts/network.ts';
import {
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

type Planned = Awaited<ReturnType<typeof planFixes>>;

const show = "Added user rules (see 'ufw status' for running firewall):";

/** A host of ufw's with these rules, as lines of its chain and of its own file. */
function underUfw(
  policy: string,
  lines: string[],
  file: string,
  added: string[],
  only: string[] = [],
  ipv6 = false,
): Promise<Planned> {
  const v4 = [
    '*filter',
    `:INPUT ${policy} [0:0]`,
    ':ufw-before-input - [0:0]',
    ':ufw-user-input - [0:0]',
    '-A INPUT -j ufw-before-input',
    '-A ufw-before-input -i lo -j ACCEPT',
    '-A ufw-before-input -j ufw-user-input',
    ...lines.map((line) => `-A ufw-user-input ${line}`),
    'COMMIT',
    '',
  ].join('\n');
  const script: SimulationScript = {
    run: { 'ufw show added': [show, ...added, ''].join('\n') },
    files: { '/etc/ufw/user.rules': file, '/etc/ufw/user6.rules': '### RULES ###\n\n### END RULES ###\n' },
  };
  const host = brokenHost({
    listeners: seen({ listeners: [wildcard], ownersKnown: true }),
    ownership: seen(savedBy('ufw')),
    rulesets: seen({ listings: listings(v4, ipv6 ? v4.replaceAll('ufw-', 'ufw6-') : ''), missing: [] }),
  });
  return plan(only.length === 0 ? [dropCause] : [exposedCause], host, script, only);
}

function tuples(...rules: [tuple: string, ...lines: string[]][]): string {
  const blocks = rules.map(([tuple, ...lines]) =>
    [`### tuple ### ${tuple}`, ...lines.map((line) => `-A ufw-user-input ${line}`), ''].join('\n'),
  );
  return ['*filter', '### RULES ###', '', ...blocks, '### END RULES ###', 'COMMIT', ''].join('\n');
}

const rule = 'allow from 172.18.0.0/16 to any port 11434 proto tcp';
const any = '0.0.0.0/0 any 0.0.0.0/0 in';

describe('a rule through ufw', () => {
  it('goes behind all others where ufw blocks by its policy', async () => {
    const { plans } = await underUfw('DROP', ['-p tcp -m tcp --dport 22 -j ACCEPT'], tuples(), []);
    expect(commands(plans)).toEqual([`ufw ${rule} comment ollama-doctor`]);
    expect(changes(plans)).toMatchObject([
      {
        undo: [`ufw delete ${rule}`.split(' ')],
        inForce: { line: `ufw ${rule} comment 'ollama-doctor'` },
        rewrites: ['/etc/ufw/user.rules', '/etc/ufw/user6.rules'],
      },
    ]);
  });

  it("goes just ahead of the rule of ufw's that blocks, by ufw's own number of that rule", async () => {
    const { plans } = await underUfw(
      'DROP',
      [
        '-p tcp -m tcp --dport 53 -j ACCEPT',
        '-p udp -m udp --dport 53 -j ACCEPT',
        '-p tcp -m tcp --dport 11434 -j DROP',
      ],
      tuples(
        [`allow any 53 ${any}`, '-p tcp --dport 53 -j ACCEPT', '-p udp --dport 53 -j ACCEPT'],
        [`deny tcp 11434 ${any}`, '-p tcp --dport 11434 -j DROP'],
      ),
      ['ufw allow 53', 'ufw deny 11434/tcp'],
    );
    expect(commands(plans)).toEqual([`ufw insert 2 ${rule} comment ollama-doctor`]);
  });

  it('goes ahead of all where the number cannot be told, as with application profiles', async () => {
    const { plans } = await underUfw(
      'DROP',
      ['-p tcp -m tcp --dport 80 -j ACCEPT', '-p tcp -m tcp --dport 11434 -j DROP'],
      tuples(
        ['allow tcp 80 0.0.0.0/0 any 0.0.0.0/0 WWW - in', '-p tcp --dport 80 -j ACCEPT'],
        [`deny tcp 11434 ${any}`, '-p tcp --dport 11434 -j DROP'],
      ),
      [],
    );
    expect(commands(plans)).toEqual([`ufw prepend ${rule} comment ollama-doctor`]);
  });

  it("is not made where ufw would turn a person's own rule round for it", async () => {
    const { plans, refusals } = await underUfw(
      'ACCEPT',
      ['-s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -j DROP'],
      tuples([
        `deny tcp 11434 0.0.0.0/0 any 172.18.0.0/16 in`,
        '-p tcp --dport 11434 -s 172.18.0.0/16 -j DROP',
      ]),
      [`ufw ${rule.replace('allow', 'deny')} comment 'mine'`],
    );
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions).toEqual([
      `sudo ufw delete ${rule.replace('allow', 'deny')}`,
      `sudo ufw prepend ${rule}`,
    ]);
  });

  it('is not made where the rule that blocks is not among those that ufw can go ahead of', async () => {
    const { plans, refusals } = await underUfw('DROP', [], tuples(), []);
    expect(plans).toHaveLength(1);
    const blocked = await plan(
      [dropCause],
      brokenHost({
        listeners: seen({ listeners: [wildcard], ownersKnown: true }),
        ownership: seen(savedBy('ufw')),
        rulesets: seen({
          listings: listings(
            [
              '*filter',
              ':INPUT DROP [0:0]',
              ':ufw-user-input - [0:0]',
              '-A INPUT -p tcp -m tcp --dport 11434 -j DROP',
              '-A INPUT -j ufw-user-input',
              'COMMIT',
              '',
            ].join('\n'),
          ),
          missing: [],
        }),
      }),
    );
    expect(refusals).toEqual([]);
    expect(blocked.plans).toEqual([]);
    expect(blocked.refusals[0]?.reason).toMatch(/would come too late: .*--dport 11434 -j DROP/u);
  });

  it('is written out for the file of ufw’s own framework that has the rule ahead of all of ufw’s', async () => {
    const text = [
      '*filter',
      ':INPUT DROP [0:0]',
      ':ufw-before-input - [0:0]',
      ':ufw-user-input - [0:0]',
      '-A INPUT -j ufw-before-input',
      '-A ufw-before-input -p tcp -m tcp --dport 11434 -j DROP',
      '-A ufw-before-input -j ufw-user-input',
      'COMMIT',
      '',
    ].join('\n');
    const blocked = await plan(
      [dropCause],
      brokenHost({
        listeners: seen({ listeners: [wildcard], ownersKnown: true }),
        ownership: seen(savedBy('ufw')),
        rulesets: seen({ listings: listings(text), missing: [] }),
      }),
    );
    expect(blocked.plans).toEqual([]);
    expect(blocked.refusals[0]?.instructions).toEqual([
      'in /etc/ufw/before.rules, ahead of the line for -A ufw-before-input -p tcp -m tcp --dport 11434 -j DROP: -A ufw-before-input -s 172.18.0.0/16 -p tcp --dport 11434 -j ACCEPT',
      'sudo ufw reload',
    ]);
  });
});

type Rule = [chain: string, ...expr: object[]];

/** `nft -j list ruleset` of one inet table with a base chain for packets that come in. */
function table(name: string, base: string, policy: string, rules: readonly Rule[]): string {
  const of = { family: 'inet', table: name };
  const chains = [...new Set([base, ...rules.map(([chain]) => chain)])];
  return JSON.stringify({
    nftables: [
      { table: { family: 'inet', name } },
      ...chains.map((chain) => ({
        chain: {
          ...of,
          name: chain,
          ...(chain === base ? { type: 'filter', hook: 'input', prio: 0, policy } : {}),
        },
      })),
      ...rules.map(([chain, ...expr], index) => ({ rule: { ...of, chain, handle: index + 10, expr } })),
    ],
  });
}

const toPort = { match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 11_434 } };
const fromLo = { match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'lo' } };

function native(
  owner: 'nftables-service' | 'firewalld' | 'nobody',
  json: string,
  script: SimulationScript = {},
  only: string[] = [],
): Promise<Planned> {
  const host = brokenHost({
    listeners: seen({ listeners: [wildcard], ownersKnown: true }),
    ownership: seen(savedBy(owner)),
    rulesets: seen({ listings: listings('', '', json), missing: [] }),
  });
  const causes = only.length === 0 ? [dropCause] : [exposedCause];
  return plan(causes, host, script, only);
}

const exposedCause = { ...dropCause, code: 'exposed', subject: 'host', affects: [], recipe: 'guard-port' };
const accept = 'ip saddr 172.18.0.0/16 tcp dport 11434 accept comment "ollama-doctor"';

describe("a rule in nft's own tables", () => {
  const conf = [
    'table inet filter {',
    '\tchain input {',
    '\t\ttype filter hook input priority 0; policy drop;',
    '\t\tiifname lo accept',
    '\t\ttcp dport 11434 drop',
    '\t}',
    '}',
    '',
  ].join('\n');
  const dropping: Rule[] = [
    ['input', fromLo, { accept: null }],
    ['input', toPort, { drop: null }],
  ];

  it('goes ahead of the rule that blocks, by its handle, and into the script at the same place', async () => {
    const { plans } = await native('nftables-service', table('filter', 'input', 'drop', dropping), {
      files: { '/etc/nftables.conf': conf },
    });
    expect(changes(plans)).toMatchObject([
      {
        apply: `nft insert rule inet filter input position 11 ${accept}`.split(' '),
        undo: ['nft delete rule inet filter input handle {handle}'.split(' ')],
        inForce: { line: accept },
      },
      {
        path: '/etc/nftables.conf',
        before: conf,
        after: conf.replace('\t\ttcp dport', `\t\t${accept}\n\t\ttcp dport`),
      },
    ]);
  });

  it('goes last where the policy blocks', async () => {
    const json = table('filter', 'input', 'drop', [['input', fromLo, { accept: null }]]);
    const { plans } = await native('nftables-service', json, {
      files: { '/etc/nftables.conf': conf.replace('\t\ttcp dport 11434 drop\n', '') },
    });
    expect(changes(plans)).toMatchObject([
      { apply: `nft add rule inet filter input ${accept}`.split(' ') },
      { after: expect.stringContaining(`\t\tiifname lo accept\n\t\t${accept}\n\t}`) as unknown },
    ]);
  });

  it('goes into the file that the script includes, where that has the chain', async () => {
    const { plans } = await native('nftables-service', table('filter', 'input', 'drop', dropping), {
      files: {
        '/etc/sysconfig/nftables.conf': 'include "/etc/nftables/*.nft"\n',
        '/etc/nftables/main.nft': conf,
        '/etc/nftables/other.nft': 'table inet other {\n}\n',
      },
    });
    expect(Object.keys(written(plans))).toEqual(['/etc/nftables/main.nft']);
    expect(written(plans)['/etc/nftables/main.nft']).toContain(`\t\t${accept}\n\t\ttcp dport 11434 drop\n`);
  });

  it('is not made where the script that is loaded at boot does not have the chain', async () => {
    const { plans, refusals } = await native('nftables-service', table('filter', 'input', 'drop', dropping), {
      files: { '/etc/nftables.conf': 'include "/etc/nftables.d/*.nft"\n' },
    });
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toMatch(
      /nftables\.conf and what it includes do not write out the chain inet filter input/u,
    );
    expect(refusals[0]?.instructions[0]).toMatch(/^sudo nft insert rule inet filter input position 11 /u);
  });

  it('is for now only where nothing loads rules at boot, and that is said', async () => {
    const { plans } = await native('nobody', table('filter', 'input', 'drop', dropping));
    expect(changes(plans).map(({ kind }) => kind)).toEqual(['command']);
    expect(plans[0]?.notPersistent?.summary).toMatch(/gone after a reboot/u);
  });

  it('is for now only in a table that whoever loads rules at boot does not keep, and that is said', async () => {
    const json = table('mine', 'in', 'accept', [['in', toPort, { drop: null }]]);
    const { plans } = await native('firewalld', json);
    expect(changes(plans).map(({ kind }) => kind)).toEqual(['command']);
    expect(plans[0]?.notes.join(' ')).toMatch(/firewalld does not keep nft table inet mine, nor this rule/u);
    const kept = await native('nftables-service', table('filter', 'input', 'drop', dropping), {
      files: { '/etc/nftables.conf': conf },
    });
    expect(kept.plans[0]?.notes.join(' ')).not.toMatch(/does not keep/u);
  });
});

describe('a rule through firewalld', () => {
  const to = (target: string): object => ({ jump: { target } });
  const iif = (name: string): object => ({
    match: { op: '==', left: { meta: { key: 'iifname' } }, right: name },
  });
  const refuse = { reject: { type: 'icmpx', expr: 'admin-prohibited' } };
  const zone = (name: string): Rule[] =>
    ['pre', 'deny', 'allow'].map((kind): Rule => [`filter_IN_${name}`, to(`filter_IN_${name}_${kind}`)]);
  /** As firewalld 2.3 lays them, with what each zone's chains hold. */
  const zones = (...more: Rule[]): string =>
    table('firewalld', 'filter_INPUT', 'accept', [
      ['filter_INPUT', fromLo, { accept: null }],
      ['filter_INPUT', to('filter_INPUT_POLICIES')],
      ['filter_INPUT', refuse],
      ['filter_INPUT_POLICIES', iif('docker0'), to('filter_IN_docker')],
      ['filter_INPUT_POLICIES', iif('docker0'), { accept: null }],
      ['filter_INPUT_POLICIES', to('filter_IN_my_zone')],
      ['filter_INPUT_POLICIES', refuse],
      ...zone('docker'),
      ...zone('my_zone'),
      ...['docker', 'my_zone'].flatMap((name) =>
        ['pre', 'deny', 'allow'].map((kind): Rule => [`filter_IN_${name}_${kind}`, { counter: null }]),
      ),
      ...more,
    ]);
  const rich = 'rule family="ipv4" source address="172.18.0.0/16" port port="11434" protocol="tcp" accept';

  it('goes into the zone that the packets fall into, in force and kept', async () => {
    const { plans } = await native('firewalld', zones());
    expect(changes(plans)).toMatchObject([
      {
        apply: ['firewall-cmd', '--zone=my_zone', `--add-rich-rule=${rich}`],
        undo: [['firewall-cmd', '--zone=my_zone', `--remove-rich-rule=${rich}`]],
      },
      {
        apply: ['firewall-cmd', '--permanent', '--zone=my_zone', `--add-rich-rule=${rich}`],
        rewrites: ['/etc/firewalld/zones/my_zone.xml', '/etc/firewalld/zones/my_zone.xml.old'],
      },
    ]);
  });

  it('goes ahead of what the zone denies, where it must', async () => {
    const { plans } = await native('firewalld', zones(['filter_IN_my_zone_deny', toPort, { drop: null }]));
    expect(commands(plans)[0]).toContain(rich.replace('rule ', 'rule priority="-100" '));
  });

  it('is kept alone where it is in force already', async () => {
    const { plans } = await native('firewalld', zones(), {
      run: { 'firewall-cmd --zone=my_zone --list-rich-rules': `${rich}\n` },
    });
    expect(commands(plans)).toHaveLength(1);
    expect(commands(plans)[0]).toContain('--permanent');
  });

  it('closes the port, on demand, in each zone that lets others in', async () => {
    const { plans } = await native('firewalld', zones(), {}, ['guard-port']);
    const made = commands(plans).filter((line) => !line.includes('--permanent'));
    expect(made).toEqual([
      `firewall-cmd --zone=docker '--add-rich-rule=${rich.replace('rule ', 'rule priority="-101" ')}'`,
      `firewall-cmd --zone=docker '--add-rich-rule=rule priority="-100" port port="11434" protocol="tcp" drop'`,
    ]);
  });
});

describe('the port is closed on demand', () => {
  it('and not without', async () => {
    const host = brokenHost({ listeners: seen({ listeners: [wildcard], ownersKnown: true }) });
    expect((await plan([exposedCause], host)).plans).toEqual([]);
  });

  it("by a table of our own that Ollama's unit loads, where nobody keeps rules", async () => {
    const host = brokenHost({ listeners: seen({ listeners: [wildcard], ownersKnown: true }) });
    const { plans } = await plan([exposedCause], host, {}, ['guard-port']);
    expect(Object.keys(written(plans))).toEqual([
      '/etc/ollama-doctor/guard.nft',
      '/etc/systemd/system/ollama.service.d/zz-ollama-doctor-guard.conf',
    ]);
    expect(commands(plans)).toEqual(['nft -f /etc/ollama-doctor/guard.nft', 'systemctl daemon-reload']);
  });

  it('by ufw ahead of all that it lets in, the exceptions ahead of that', async () => {
    const { plans } = await underUfw(
      'ACCEPT',
      ['-p tcp -m tcp --dport 22 -j ACCEPT'],
      tuples(),
      [],
      ['guard-port'],
    );
    // Without IPv6 chains of ufw's the port would stay open there, and nothing is done.
    expect(plans).toEqual([]);
    const both = await underUfw('ACCEPT', [], tuples(), [], ['guard-port'], true);
    expect(commands(both.plans)).toEqual([
      'ufw prepend deny 11434/tcp comment ollama-doctor',
      `ufw prepend ${rule} comment ollama-doctor`,
    ]);
  });
});

describe('rules that a program generates', () => {
  it.each([
    ['csf', ':LOCALINPUT - [0:0]', 'add the line tcp|in|d=11434|s=172.18.0.0/16 to /etc/csf/csf.allow'],
    ['Shorewall', ':net-fw - [0:0]', 'add the line ACCEPT ZONE:172.18.0.0/16 $FW tcp 11434'],
  ])('are left to %s, also where the policy decides', async (name, chain, words) => {
    const v4 = ['*filter', ':INPUT DROP [0:0]', chain, 'COMMIT', ''].join('\n');
    const host = brokenHost({
      listeners: seen({ listeners: [wildcard], ownersKnown: true }),
      rulesets: seen({ listings: listings(v4), missing: [] }),
    });
    const { plans, refusals } = await plan([dropCause], host);
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toContain(name);
    expect(refusals[0]?.instructions[0]).toContain(words);
  });

  it.each([
    ['ts-input', 'Tailscale keeps out all of 100.64.0.0/10', 'sudo tailscale set --netfilter-mode=off'],
    ['DOCKER-USER', 'somebody put into DOCKER-USER', '-m conntrack --ctorigdstport 11434 -j RETURN'],
    ['cali-INPUT', 'made by Calico', 'defaultEndpointToHostAction'],
    ['KUBE-ROUTER-INPUT', 'made by kube-router', 'a NetworkPolicy whose egress allows TCP to port 11434'],
    ['CILIUM_INPUT', 'made by Cilium', 'toEntities: [host]'],
  ])('in %s are explained in the words of who made them', async (chain, reason, words) => {
    const text = [
      '*filter',
      ':INPUT ACCEPT [0:0]',
      `:${chain} - [0:0]`,
      `-A INPUT -j ${chain}`,
      `-A ${chain} -p tcp -j DROP`,
      'COMMIT',
      '',
    ].join('\n');
    const host = brokenHost({
      listeners: seen({ listeners: [wildcard], ownersKnown: true }),
      rulesets: seen({ listings: listings(text), missing: [] }),
    });
    const { plans, refusals } = await plan([dropCause], host);
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toContain(reason);
    expect(refusals[0]?.instructions.join('\n')).toContain(words);
  });

  it.each([
    [
      'ferm',
      '/etc/ferm/ferm.conf, ahead of what blocks: domain ip table filter chain INPUT proto tcp dport 11434 saddr 172.18.0.0/16 ACCEPT;',
    ],
    ['firehol', ': server4 custom ollama tcp/11434 any accept src "172.18.0.0/16"'],
    ['shorewall-lite', 'its rules are made on another machine'],
    [
      'awall',
      '"filter": [ { "src": "172.18.0.0/16", "out": "_fw", "service": "ollama", "action": "accept" } ]',
    ],
  ] as const)('are left to %s, whose service tells of it', async (generator, words) => {
    const host = (rules: RulesetListing[]) =>
      brokenHost({
        listeners: seen({ listeners: [wildcard], ownersKnown: true }),
        ownership: seen({ ...savedBy('generated'), generator }),
        rulesets: seen({ listings: rules, missing: [] }),
      });
    const { plans, refusals } = await plan([dropCause], host(listings(save('DROP'))));
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions[0]).toContain(words);
    // A ban is fail2ban's all the same.
    const banned = save('ACCEPT', '-A INPUT -p tcp -j f2b-web', '-A f2b-web -s 172.18.0.2/32 -j DROP');
    const ban = banned.replace(':INPUT', ':f2b-web - [0:0]\n:INPUT');
    const other = await plan([dropCause], host(listings(ban)));
    expect(other.refusals[0]?.reason).toContain('fail2ban');
  });
});
