import type { Change } from '../../../changes/change.ts';
import type { Planning } from '../../recipe.ts';
import type { Exceptions } from '../nft-guard.ts';
import { type RulePlace, withRule } from '../place.ts';
import { userChain } from './allow.ts';
import { addedRules, sameButAction, ufwChange, ufwFiles } from './command.ts';

/**
 * Closes the port through ufw, ahead of all that it lets in: one rule that denies it over IPv4 and IPv6 (ufw makes both
 * of it), and one ahead of that for each exception. Loopback is let in ahead of a user's rules (before.rules). Adds to
 * the draft.
 */
export async function guardInUfw(
  { draft, machine }: Planning,
  port: number,
  { sources, destinations }: Exceptions,
  backend: 'nft' | 'legacy',
): Promise<Change[] | { reason: string; instructions: string[] }> {
  const now = await addedRules(machine);
  const rules = [
    { words: `deny ${port}/tcp`, summary: `close port ${port} to everyone but this host and its containers` },
    ...destinations.map((address) => ({
      words: `allow to ${address} port ${port} proto tcp`,
      summary: `what reaches ${address} now still does`,
    })),
    ...sources.map((subnet) => ({
      words: `allow from ${subnet} to any port ${port} proto tcp`,
      summary: `let ${subnet} reach port ${port}`,
    })),
  ];
  for (const { words } of rules) {
    const same = now && sameButAction(now, words);
    if (same !== undefined)
      return {
        reason: `ufw has a rule of its own that stands in the way of closing port ${port} to others: ${same}`,
        instructions: [`sudo ${same.replace(/^ufw /u, 'ufw delete ').replace(/ comment '.*'$/u, '')}`],
      };
  }
  const end = `-p tcp -m tcp --dport ${port}`;
  for (const family of [4, 6] as const) {
    const isOwn = (address: string): boolean => address.includes(':') === (family === 6);
    const full = (address: string): string => `${address}/${family === 4 ? 32 : 128}`;
    const chain = userChain(family);
    const lines = [
      `-A ${chain} ${end} -j DROP`,
      ...destinations.filter(isOwn).map((address) => `-A ${chain} -d ${full(address)} ${end} -j ACCEPT`),
      ...sources.filter(isOwn).map((subnet) => `-A ${chain} -s ${subnet} ${end} -j ACCEPT`),
    ];
    const place: RulePlace = { family, backend, table: 'filter', chain, position: 1 };
    for (const line of lines) draft.listings = withRule(draft.listings ?? [], place, line);
    // Its numbers are others by then.
    draft.files.set(ufwFiles[family], null);
  }
  return rules.map(({ words, summary }) => ufwChange(['prepend'], words, summary, now));
}
