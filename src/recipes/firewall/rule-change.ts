import type { Argv, CommandChange } from '../../changes/change.ts';
import type { Machine } from '../../machine/machine.ts';
import { linesOf } from '../../changes/visible.ts';
import type { RulesetListing } from '../../facts/network.ts';
import { parseItems, type RulePlace } from './place.ts';

/** The mark on every rule of ours. */
export const mark = '-m comment --comment ollama-doctor';

/**
 * The program that speaks to a backend: the plain name where that is its backend here, since that is what people
 * type and what loads saved files.
 */
export async function programFor(
  machine: Machine,
  family: 4 | 6,
  backend: 'nft' | 'legacy',
): Promise<string> {
  const plain = family === 4 ? 'iptables' : 'ip6tables';
  const version = await machine.run({ argv: [plain, '-V'] });
  const words = version.outcome === 'exited' ? version.stdout : '';
  // Before 1.8 there was one backend and no word for it.
  const own = words.includes('nf_tables') ? 'nft' : words === '' ? 'nft' : 'legacy';
  return own === backend ? plain : `${plain}-${backend}`;
}

/** The backend of the plain `iptables`, which also loads saved rules at boot. */
export async function defaultBackend(machine: Machine, family: 4 | 6): Promise<'nft' | 'legacy'> {
  return (await programFor(machine, family, 'nft')).endsWith('-nft') ? 'legacy' : 'nft';
}

/**
 * Adds one rule, and takes it out again by its words, wherever it stands by then.
 * @param line the rule as iptables-save prints it, without quotes (its order of options is what makes it recognisable
 *   afterwards)
 * @param seen the chain as it was when the position was worked out, and what iptables will make for the rule
 */
export function ruleChange(
  program: string,
  place: RulePlace & { append: boolean },
  line: string,
  summary: string,
  seen: Pick<CommandChange, 'madeFrom' | 'leftover'> = {},
): CommandChange {
  const words = line.split(' ').slice(2);
  const base = place.table === 'filter' ? [] : ['-t', place.table];
  // The legacy backend has a lock, which ufw, Docker and fail2ban take too; nft's has none and ignores this.
  const wait = place.backend === 'legacy' ? ['-w', '10'] : [];
  const where = place.append ? ['-A', place.chain] : ['-I', place.chain, String(place.position)];
  return {
    kind: 'command',
    summary,
    apply: [program, ...wait, ...base, ...where, ...words],
    undo: [[program, ...wait, ...base, '-D', place.chain, ...words]],
    inForce: { argv: [program, ...wait, ...base, '-S'], line },
    ...seen,
    diff: '',
    elevated: true,
  };
}

/**
 * Takes one rule of ours away by its words; undo puts it back where it was.
 * @param place where it stands
 * @param line the rule as iptables-save prints it, its comment in quotes or not
 */
export function ruleRemoval(
  program: string,
  place: RulePlace,
  line: string,
  summary: string,
  seen: Pick<CommandChange, 'madeFrom'> = {},
): CommandChange {
  const words = line.replaceAll('"', '').split(' ').slice(2);
  const base = place.table === 'filter' ? [] : ['-t', place.table];
  const wait = place.backend === 'legacy' ? ['-w', '10'] : [];
  return {
    kind: 'command',
    summary,
    apply: [program, ...wait, ...base, '-D', place.chain, ...words],
    undo: [[program, ...wait, ...base, '-I', place.chain, String(place.position), ...words]],
    inForce: { argv: [program, ...wait, ...base, '-S'], line, absent: true },
    ...seen,
    diff: '',
    elevated: true,
  };
}

/**
 * What iptables-nft makes for a rule where the table or the chain is not there yet, so that undo can take it away
 * while it is empty. Undefined where both are there, and for the legacy backend, whose tables stay for good.
 */
export function leftoverOf(
  listings: readonly RulesetListing[],
  { family: version, backend, table, chain }: Omit<RulePlace, 'position'>,
  program: string,
): CommandChange['leftover'] {
  const json = listings.find((listing) => listing.format === 'nft-json');
  const items = json && parseItems(json.text || '{"nftables":[]}')?.items;
  if (backend !== 'nft' || table !== 'filter' || !items) return undefined;
  const family = version === 4 ? 'ip' : 'ip6';
  const emptyChain = (name: string): string[] => [
    `chain ${name} {`,
    `type filter hook ${name.toLowerCase()} priority filter; policy accept;`,
    `type filter hook ${name.toLowerCase()} priority 0; policy accept;`,
  ];
  const frame = [`table ${family} ${table} {`, '}'];
  if (!items.some((item) => item.table?.family === family && item.table.name === table))
    return {
      argv: ['nft', 'list', 'table', family, table],
      lines: [...frame, ...['INPUT', 'FORWARD', 'OUTPUT'].flatMap(emptyChain)],
      remove: ['nft', 'delete', 'table', family, table],
    };
  const isThere = items.some(
    ({ chain: own }) => own?.family === family && own.table === table && own.name === chain,
  );
  if (isThere || chain !== 'INPUT') return undefined;
  return {
    argv: ['nft', 'list', 'chain', family, table, chain],
    lines: [...frame, ...emptyChain(chain)],
    remove: [program, '-X', chain],
  };
}

/** The chain as iptables shows it now, for {@link CommandChange.madeFrom}. Undefined where it cannot be asked. */
export async function chainNow(
  machine: Machine,
  program: string,
  place: Omit<RulePlace, 'position'>,
): Promise<{ argv: Argv; lines: readonly string[] } | undefined> {
  const base = place.table === 'filter' ? [] : ['-t', place.table];
  const argv: Argv = [program, ...base, '-S', place.chain];
  const lines = await linesOf(machine, argv);
  return lines && { argv, lines };
}
