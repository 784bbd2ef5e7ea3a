import type { Looked } from '../../facts/looked.ts';
import type { FirewallOwnership } from '../../facts/network.ts';
import type { Machine } from '../../machine/machine.ts';
import { notKept, parseZones } from './firewalld-zones.ts';
import { lookAtOwnRichRules } from './own-rich-rules.ts';
import { lookAtOwnUfwRules } from './own-ufw-rules.ts';
import { lookAtGenerator } from './rule-generators.ts';
import { lookAtNftablesScript, nftablesScripts } from './nftables-script.ts';
import { parseSystemctlShow, property } from './systemd/show.ts';
import type { UnitProperties } from './systemd/show.ts';

const units = [
  'ufw.service',
  'firewalld.service',
  'nftables.service',
  'netfilter-persistent.service',
  'iptables.service',
  'ip6tables.service',
] as const;

const showUnits = [
  'systemctl',
  'show',
  ...units,
  '--property=Id,Names,LoadState,ActiveState,UnitFileState',
] as const;

type SavedFile = FirewallOwnership['savedFiles'][number];

/**
 * Who keeps the packet filter's rules. Where several are installed, the one whose rules are in the kernel comes first:
 * firewalld when it runs, ufw when it is on, then what loads rules at boot.
 */
export async function lookAtOwnership(machine: Machine): Promise<Looked<FirewallOwnership>> {
  const [shown, ufwConf, nixos] = await Promise.all([
    machine.run({ argv: showUnits }),
    machine.read('/etc/ufw/ufw.conf', { maxBytes: 64 * 1024 }),
    machine.read('/etc/NIXOS', { maxBytes: 1 }),
  ]);
  const known = shown.outcome === 'exited' && shown.exitCode === 0 ? parseSystemctlShow(shown.stdout) : [];
  const state = unitStates(known);
  if (state('firewalld.service').active)
    return withLiveOnly(
      machine,
      seen('firewalld', state('firewalld.service').enabled, 'firewalld.service active'),
    );

  const ufwOn = ufwConf.outcome === 'read' && /^\s*ENABLED\s*=\s*["']?yes\b/imu.test(ufwConf.text);
  if (ufwOn && (await hasUfwChains(machine))) {
    const enabled = known.length === 0 || state('ufw.service').enabled;
    const own = await lookAtOwnUfwRules(machine);
    const looked = seen('ufw', enabled, 'ENABLED=yes in /etc/ufw/ufw.conf');
    return looked.state === 'seen' && own ? { ...looked, value: { ...looked.value, ...own } } : looked;
  }
  if (nixos.outcome === 'read') return seen('nixos', true, '/etc/NIXOS');
  const generator = await lookAtGenerator(machine, known.length > 0);
  if (generator) {
    const looked = seen('generated', generator.startsAtBoot, generator.source, [], generator.name);
    return looked.state === 'seen'
      ? { ...looked, value: { ...looked.value, generator: generator.name } }
      : looked;
  }

  // A file is a sign of its owner even where systemd cannot be asked; whether it is loaded at boot is then not known.
  if (exists(known, 'netfilter-persistent.service')) {
    const { enabled } = state('netfilter-persistent.service');
    const saved = await savedFiles(machine, ['/etc/iptables/rules.v4', '/etc/iptables/rules.v6']);
    const word = enabled ? 'enabled' : 'installed, not enabled';
    return seen('netfilter-persistent', enabled, `netfilter-persistent.service ${word}`, saved);
  }
  if (state('iptables.service').enabled || state('ip6tables.service').enabled) {
    const redHat = await savedFiles(machine, ['/etc/sysconfig/iptables', '/etc/sysconfig/ip6tables']);
    const arch = await savedFiles(machine, ['/etc/iptables/iptables.rules', '/etc/iptables/ip6tables.rules']);
    const saved = arch.some((file) => file.exists) && !redHat.some((file) => file.exists) ? arch : redHat;
    const enabled = { 4: state('iptables.service').enabled, 6: state('ip6tables.service').enabled };
    const units = ([4, 6] as const).filter((family) => enabled[family]);
    // A file whose own unit is off is loaded by nobody.
    return seen(
      'iptables-services',
      true,
      `${units.map((family) => (family === 4 ? 'iptables.service' : 'ip6tables.service')).join(' and ')} enabled`,
      saved.filter(({ family }) => enabled[family]),
    );
  }
  if (state('nftables.service').enabled) {
    const script = await lookAtNftablesScript(machine);
    const source = `nftables.service enabled (${script?.path ?? nftablesScripts[0]})`;
    const looked = seen('nftables-service', true, source);
    return looked.state === 'seen' && script ? { ...looked, value: { ...looked.value, script } } : looked;
  }
  if (shown.outcome === 'not-recorded') {
    return {
      state: 'unavailable',
      reason: 'the recording does not say what loads packet filter rules at boot',
    };
  }
  const nobody = seen(
    'nobody',
    false,
    known.length > 0 ? 'no unit that loads rules at boot is enabled' : 'no systemd here',
  );
  const ufwInstalled = exists(known, 'ufw.service');
  return nobody.state === 'seen' && ufwInstalled
    ? { ...nobody, value: { ...nobody.value, ufwInstalled } }
    : nobody;
}

function seen(
  owner: FirewallOwnership['owner'],
  loadsAtBoot: boolean,
  source: string,
  saved: SavedFile[] = [],
  who: string = owner,
): Looked<FirewallOwnership> {
  const evidence = [{ source, text: `${who} keeps the rules` }];
  return { state: 'seen', value: { owner, savedFiles: saved, loadsAtBoot, source }, evidence };
}

async function withLiveOnly(
  machine: Machine,
  looked: Looked<FirewallOwnership>,
): Promise<Looked<FirewallOwnership>> {
  if (looked.state !== 'seen' || !machine.identity.elevated) return looked;
  const [live, kept] = await Promise.all([
    machine.run({ argv: ['firewall-cmd', '--list-all-zones'] }),
    machine.run({ argv: ['firewall-cmd', '--permanent', '--list-all-zones'] }),
  ]);
  if (live.outcome !== 'exited' || kept.outcome !== 'exited') return looked;
  if (live.exitCode !== 0 || kept.exitCode !== 0) return looked;
  const own = await lookAtOwnRichRules(machine, live.stdout, kept.stdout);
  const zones = [...parseZones(live.stdout).keys()];
  const liveOnly = notKept(live.stdout, kept.stdout);
  return { ...looked, value: { ...looked.value, liveOnly, ...own, zones } };
}

/** Debian's netfilter-persistent also answers to the names iptables.service and ip6tables.service. */
function find(known: readonly UnitProperties[], name: string): UnitProperties | undefined {
  return known.find((unit) => property(unit, 'Id') === name && property(unit, 'LoadState') === 'loaded');
}

function exists(known: readonly UnitProperties[], name: string): boolean {
  return find(known, name) !== undefined;
}

function unitStates(
  known: readonly UnitProperties[],
): (name: string) => { active: boolean; enabled: boolean } {
  return (name) => {
    const unit = find(known, name);
    return {
      active: unit !== undefined && property(unit, 'ActiveState') === 'active',
      enabled: unit !== undefined && property(unit, 'UnitFileState') === 'enabled',
    };
  };
}

/**
 * Whether ufw's chains are in the kernel: with ENABLED=yes they may still be missing, when it failed at boot. Without
 * root that cannot be seen, and its word is taken.
 */
async function hasUfwChains(machine: Machine): Promise<boolean> {
  if (!machine.identity.elevated) return true;
  const listed = await machine.run({ argv: ['nft', 'list', 'chain', 'ip', 'filter', 'ufw-user-input'] });
  if (listed.outcome !== 'exited' || listed.exitCode === 0) return true;
  const names = await machine.read('/proc/net/ip_tables_names');
  return names.outcome === 'read' && /^filter$/mu.test(names.text);
}

function savedFiles(machine: Machine, [v4, v6]: readonly [string, string]): Promise<SavedFile[]> {
  return Promise.all(
    (
      [
        [4, v4],
        [6, v6],
      ] as const
    ).map(async ([family, path]) => {
      const file = await machine.read(path);
      const readable = file.outcome === 'read' && !file.truncated;
      return {
        family,
        path,
        exists: file.outcome !== 'absent' && file.outcome !== 'not-recorded',
        readable,
        ...(readable && { text: file.text }),
      };
    }),
  );
}
