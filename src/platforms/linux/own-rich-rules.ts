import { parseJournal } from '../../changes/journal.ts';
import { receiptsFolder, journalPath } from '../../changes/state-folder.ts';
import type { OwnRule } from '../../facts/network.ts';
import type { Machine } from '../../machine/machine.ts';
import { parseZones } from './firewalld-zones.ts';

/**
 * Rich rules by which firewalld lets a subnet in for us. A rich rule bears no comment, so that ours are those that a
 * receipt put there and nobody took back.
 * @param live what `firewall-cmd --list-all-zones` prints
 * @param permanent the same with `--permanent`
 */
export async function lookAtOwnRichRules(
  machine: Machine,
  live: string,
  permanent: string,
): Promise<OwnRule[]> {
  const found = [...allowsIn(live, false), ...allowsIn(permanent, true)];
  if (found.length === 0) return [];
  const made = await madeByReceipts(machine);
  return found.filter(({ place, text }) => place.kind === 'firewalld' && made.has(`${place.zone} ${text}`));
}

function allowsIn(listing: string, kept: boolean): OwnRule[] {
  const shape =
    /^rule (?:priority="-?\d+" )?family="ipv[46]" source address="(\S+)" port port="(\d+)" protocol="tcp" accept$/u;
  return [...parseZones(listing)].flatMap(([zone, rules]) =>
    [...rules].flatMap((text): OwnRule[] => {
      const [, subnet, port] = shape.exec(text) ?? [];
      if (subnet === undefined) return [];
      return [{ subnet, port: Number(port), text, place: { kind: 'firewalld', at: 'zone', zone, kept } }];
    }),
  );
}

/** `ZONE RULE` of every rich rule that a fix has put into a zone, and that was not taken back. */
async function madeByReceipts(machine: Machine): Promise<Set<string>> {
  const listed = await machine.list(receiptsFolder(machine.identity));
  const made = new Set<string>();
  for (const receipt of listed.outcome === 'listed' ? listed.names : []) {
    const read = await machine.read(journalPath(machine.identity, receipt), { maxBytes: 64 * 1024 * 1024 });
    const parsed = read.outcome === 'read' ? parseJournal(read.text) : undefined;
    if (parsed?.state !== 'read') continue;
    for (const { change, undone } of parsed.journal.steps) {
      if (undone || change.kind !== 'command') continue;
      const words = [...change.apply];
      const zone = words.find((word) => word.startsWith('--zone='))?.slice('--zone='.length);
      const rule = words
        .find((word) => word.startsWith('--add-rich-rule='))
        ?.slice('--add-rich-rule='.length);
      if (zone !== undefined && rule !== undefined) made.add(`${zone} ${rule}`);
    }
  }
  return made;
}
