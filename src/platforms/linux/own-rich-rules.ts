import { parseJournal } from '../../changes/journal.ts';
import { receiptsFolder, journalPath } from '../../changes/state-folder.ts';
import type { OwnRule } from '../../facts/network.ts';
import type { Machine } from '../../machine/machine.ts';
import { parseZones } from './firewalld-zones.ts';

/** A place of firewalld's that rich rules stand in. */
interface Place {
  at: 'zone' | 'policy';
  name: string;
}

/**
 * Rich rules by which firewalld lets a subnet in for us, and the ports that it keeps shut for us. A rich rule bears no
 * comment, so that ours are those that a receipt put there and nobody took back. Policies are asked for only where a
 * receipt put a rule into one: firewalld before 0.9 has none.
 * @param live what `firewall-cmd --list-all-zones` prints
 * @param permanent the same with `--permanent`
 */
export async function lookAtOwnRichRules(
  machine: Machine,
  live: string,
  permanent: string,
): Promise<{ ownRules: OwnRule[]; guarded: number[] }> {
  const made = await madeByReceipts(machine);
  if (made.size === 0) return { ownRules: [], guarded: [] };
  const isOurs = (place: Place, rule: string): boolean => made.has(keyOf(place, rule));
  const hasPolicies = [...made].some((key) => key.startsWith('policy '));
  const [livePolicies, keptPolicies] = hasPolicies
    ? await Promise.all([policies(machine, []), policies(machine, ['--permanent'])])
    : ['', ''];
  const ownRules = [
    ...allowsIn(live, 'zone', false),
    ...allowsIn(permanent, 'zone', true),
    ...allowsIn(livePolicies, 'policy', false),
    ...allowsIn(keptPolicies, 'policy', true),
  ].filter(
    ({ place, text }) => place.kind === 'firewalld' && isOurs({ at: place.at, name: place.zone }, text),
  );
  const guarded = [...dropsIn(live, 'zone'), ...dropsIn(livePolicies, 'policy')]
    .filter(({ place, text }) => isOurs(place, text))
    .map(({ port }) => port);
  return { ownRules, guarded: [...new Set(guarded)] };
}

async function policies(machine: Machine, kept: readonly string[]): Promise<string> {
  const listed = await machine.run({ argv: ['firewall-cmd', ...kept, '--list-all-policies'] });
  return listed.outcome === 'exited' && listed.exitCode === 0 ? listed.stdout : '';
}

/** Rules that drop what comes for a port from anybody. */
function dropsIn(listing: string, at: Place['at']): { place: Place; text: string; port: number }[] {
  const shape = /^rule priority="-?\d+" port port="(\d+)" protocol="tcp" drop$/u;
  return rulesIn(listing).flatMap(([name, text]) => {
    const port = shape.exec(text)?.[1];
    return port === undefined ? [] : [{ place: { at, name }, text, port: Number(port) }];
  });
}

function allowsIn(listing: string, at: Place['at'], kept: boolean): OwnRule[] {
  const shape =
    /^rule (?:priority="-?\d+" )?family="ipv[46]" source address="(\S+)" port port="(\d+)" protocol="tcp" accept$/u;
  return rulesIn(listing).flatMap(([zone, text]): OwnRule[] => {
    const [, subnet, port] = shape.exec(text) ?? [];
    if (subnet === undefined) return [];
    return [{ subnet, port: Number(port), text, place: { kind: 'firewalld', at, zone, kept } }];
  });
}

/** Each rule with the zone or policy it stands in; the two are listed alike. */
function rulesIn(listing: string): [name: string, rule: string][] {
  return [...parseZones(listing)].flatMap(([name, rules]) =>
    [...rules].map((rule): [string, string] => [name, rule]),
  );
}

function keyOf({ at, name }: Place, rule: string): string {
  return `${at} ${name} ${rule}`;
}

/** Every rich rule that a fix has put into a zone or policy, and that was not taken back. */
async function madeByReceipts(machine: Machine): Promise<Set<string>> {
  const listed = await machine.list(receiptsFolder(machine.identity));
  const made = new Set<string>();
  for (const receipt of listed.outcome === 'listed' ? listed.names : []) {
    const read = await machine.read(journalPath(machine.identity, receipt), { maxBytes: 64 * 1024 * 1024 });
    const parsed = read.outcome === 'read' ? parseJournal(read.text) : undefined;
    if (parsed?.state !== 'read') continue;
    for (const { change, undone } of parsed.journal.steps) {
      if (undone || change.kind !== 'command') continue;
      const option = (name: string): string | undefined =>
        change.apply.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
      const rule = option('add-rich-rule');
      for (const at of ['zone', 'policy'] as const) {
        const name = option(at);
        if (name !== undefined && rule !== undefined) made.add(keyOf({ at, name }, rule));
      }
    }
  }
  return made;
}
