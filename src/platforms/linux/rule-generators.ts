import type { RuleGenerator } from '../../facts/network.ts';
import type { Machine } from '../../machine/machine.ts';
import { parseSystemctlShow, property } from './systemd/show.ts';

/**
 * Programs that make all rules of a host from a configuration of their own, by the units that their packages bring
 * (Debian's ferm, firehol, shorewall and shorewall-lite; csf's install.sh).
 */
const byUnit: Readonly<Record<string, RuleGenerator>> = {
  'ferm.service': 'ferm',
  'firehol.service': 'firehol',
  'shorewall.service': 'shorewall',
  'shorewall6.service': 'shorewall',
  'shorewall-lite.service': 'shorewall-lite',
  'shorewall6-lite.service': 'shorewall-lite',
  'csf.service': 'csf',
};

/** Where awall keeps the policies that are enabled, as `NAME.json` (awall(8)); Alpine has no systemd to ask. */
const awallFolder = '/etc/awall';

export interface FoundGenerator {
  name: RuleGenerator;
  startsAtBoot: boolean;
  /** What told of it: `ferm.service active`. */
  source: string;
}

/**
 * The program that made this host's rules; undefined where none of the known ones did. One that is installed and has
 * not run has made none.
 * @param hasSystemd whether units can be asked for
 */
export async function lookAtGenerator(
  machine: Machine,
  hasSystemd: boolean,
): Promise<FoundGenerator | undefined> {
  if (!hasSystemd) {
    const listed = await machine.list(awallFolder);
    return listed.outcome === 'listed' && listed.names.some((name) => name.endsWith('.json'))
      ? { name: 'awall', startsAtBoot: true, source: awallFolder }
      : undefined;
  }
  const shown = await machine.run({
    argv: ['systemctl', 'show', ...Object.keys(byUnit), '--property=Id,LoadState,ActiveState,UnitFileState'],
  });
  if (shown.outcome !== 'exited' || shown.exitCode !== 0) return undefined;
  for (const unit of parseSystemctlShow(shown.stdout)) {
    const id = property(unit, 'Id') ?? '';
    const name = byUnit[id];
    if (name === undefined || property(unit, 'ActiveState') !== 'active') continue;
    // `generated` is what systemd says of an init script; those of csf and Shorewall are enabled by their links.
    const startsAtBoot = /^(?:enabled|generated)$/u.test(property(unit, 'UnitFileState') ?? '');
    return { name, startsAtBoot, source: `${id} active` };
  }
  return undefined;
}
