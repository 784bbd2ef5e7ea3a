import type { Argv, CommandChange } from '../../changes/change.ts';
import type { Machine } from '../../machine/machine.ts';
import { linesOf } from '../../changes/visible.ts';
import type { RulePlace } from './place.ts';

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
 * @param madeFrom the chain as it was when the position was worked out
 */
export function ruleChange(
  program: string,
  place: RulePlace & { append: boolean },
  line: string,
  summary: string,
  madeFrom?: { argv: Argv; lines: readonly string[] },
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
    ...(madeFrom ? { madeFrom } : {}),
    diff: '',
    elevated: true,
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
