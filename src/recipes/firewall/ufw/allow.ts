import type { Change } from '../../../changes/change.ts';
import type { HostNetwork } from '../../../facts/network.ts';
import { decide, type Packet, type RuleReference } from '../../../firewall/index.ts';
import { hostFacts } from '../../../path/packet.ts';
import { settled } from '../../../path/settled.ts';
import type { Planning } from '../../recipe.ts';
import { isPast } from '../is-past.ts';
import { chainLines, type RulePlace, withRule } from '../place.ts';
import { besideUfw } from './by-hand.ts';
import { addedRules, sameButAction, ufwChange, ufwFiles } from './command.ts';
import { parseTuples, tupleOfLine, withTuple } from './rules-file.ts';

/**
 * Lets a subnet in through ufw: behind its other rules where that is enough, else just ahead of the rule of ufw's that
 * blocks it. Adds to the draft.
 * @param packet one that the deciding rule blocks
 */
export async function allowInUfw(
  { draft, machine }: Planning,
  network: HostNetwork,
  by: RuleReference,
  packet: Packet,
  subnet: string,
): Promise<Change[] | { reason: string; instructions: string[] }> {
  const port = packet.destinationPort;
  const family = subnet.includes(':') ? 6 : 4;
  const listings = draft.listings ?? [];
  const words = `allow from ${subnet} to any port ${port} proto tcp`;
  const chain = { family, backend: by.backend, table: 'filter', chain: userChain(family) } as const;
  const lines = chainLines(listings, chain);
  if (!lines)
    return {
      reason: `ufw is on, and its IPv${family} rules are not in the kernel`,
      instructions: [
        family === 6 ? 'see IPV6= in /etc/default/ufw, then: sudo ufw reload' : 'sudo ufw reload',
      ],
    };
  const line = `-A ${chain.chain} -s ${subnet} -p tcp -m tcp --dport ${port} -j ACCEPT`;
  if (lines.includes(line))
    return {
      reason: `ufw already lets ${subnet} in, and something ahead of its rules blocks it: ${by.text}`,
      instructions: besideUfw(by, subnet, port),
    };
  const now = await addedRules(machine);
  const same = now && sameButAction(now, words);
  if (same !== undefined)
    return {
      reason: `ufw has a rule of its own for ${subnet}: ${same}`,
      instructions: [
        `sudo ${same.replace(/^ufw /u, 'ufw delete ').replace(/ comment '.*'$/u, '')}`,
        `sudo ufw prepend ${words}`,
      ],
    };

  await readRules(machine, draft.files);
  const ahead = by.chain === chain.chain && by.rule !== null ? by.rule : lines.length + 1;
  for (const position of [ahead, 1]) {
    const place: RulePlace = { ...chain, position };
    const then = withRule(listings, place, line);
    if (!isPast(by, settled(decide({ rulesets: then, packet, host: hostFacts(network) })))) continue;
    draft.listings = then;
    const where = position > lines.length ? [] : placeFor(draft.files, family, position);
    keepTuple(draft.files, family, where, subnet, port);
    const how = where.length === 0 ? '' : ', ahead of the rule of ufw that blocks it';
    return [ufwChange(where, words, `let ${subnet} reach port ${port}${how}`, now)];
  }
  return {
    reason: `a rule of ufw for ${subnet} would come too late: ${by.text}`,
    instructions: besideUfw(by, subnet, port),
  };
}

export function userChain(family: 4 | 6): string {
  return family === 4 ? 'ufw-user-input' : 'ufw6-user-input';
}

/**
 * ufw's words for a place in its chain. It counts the rules of both families in one row, IPv4 first; where a number
 * cannot be told for sure, the place is ahead of all.
 */
function placeFor(files: Map<string, string | null>, family: 4 | 6, position: number): string[] {
  const [v4, own] = [files.get(ufwFiles[4]), files.get(ufwFiles[family])];
  if (typeof v4 !== 'string' || typeof own !== 'string') return ['prepend'];
  const number = tupleOfLine(parseTuples(own), position);
  if (number === undefined) return ['prepend'];
  const before = family === 4 ? 0 : parseTuples(v4).length;
  return ['insert', String(before + number)];
}

/** Reads ufw's own files into the draft, where they are not in it yet. */
export async function readRules(
  machine: Planning['machine'],
  files: Map<string, string | null>,
): Promise<void> {
  for (const path of Object.values(ufwFiles)) {
    if (files.has(path)) continue;
    const read = await machine.read(path);
    if (read.outcome === 'read') files.set(path, read.text);
  }
}

/** The file as ufw will have written it, so that the next rule's number is right. */
function keepTuple(
  files: Map<string, string | null>,
  family: 4 | 6,
  [verb, number]: readonly string[],
  subnet: string,
  port: number,
): void {
  const text = files.get(ufwFiles[family]);
  if (typeof text !== 'string') return;
  const any = family === 4 ? '0.0.0.0/0' : '::/0';
  const tuple = [
    `### tuple ### allow tcp ${port} ${any} any ${subnet} in comment=6f6c6c616d612d646f63746f72`,
    `-A ${userChain(family)} -p tcp --dport ${port} -s ${subnet} -j ACCEPT`,
  ].join('\n');
  const v4 = files.get(ufwFiles[4]);
  const others = family === 4 || typeof v4 !== 'string' ? 0 : parseTuples(v4).length;
  const at = verb === 'prepend' ? 1 : verb === 'insert' ? Number(number) - others : undefined;
  files.set(ufwFiles[family], withTuple(text, at, tuple));
}
