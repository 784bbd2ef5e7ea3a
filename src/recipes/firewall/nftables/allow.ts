import {
  type Argv,
  type Change,
  type CommandChange,
  type FileChange,
  handleWord,
} from '../../../changes/change.ts';
import { linesOf } from '../../../changes/visible.ts';
import type { FirewallOwnership } from '../../../facts/network.ts';
import type { RuleReference } from '../../../firewall/index.ts';
import { nftablesScripts, scriptFiles } from '../../../platforms/linux/nftables-script.ts';
import type { Planning } from '../../recipe.ts';
import { type NftChain, portRule, rulesIn, withNftRule } from '../nft-listing.ts';
import { openByHand } from '../owner-advice.ts';
import { spliceConf } from './conf-file.ts';

/**
 * Lets a subnet in by a rule just ahead of the one that blocks it, in nft's own chain, and by the same line in the
 * script that nftables.service loads. Where that script does not write the chain out, nothing is changed: the rule
 * would be gone with the next boot, and where it belongs cannot be told. Adds to the draft.
 */
export async function allowInNftables(
  { draft, machine }: Planning,
  ownership: FirewallOwnership | undefined,
  by: RuleReference,
  subnet: string,
  port: number,
): Promise<Change[] | { reason: string; instructions: string[] }> {
  const { instructions } = openByHand({ kind: 'nftables' }, by, subnet, port, '');
  const place: NftChain = { family: by.family, table: by.table, chain: by.chain };
  const listings = draft.listings ?? [];
  const count = rulesIn(listings, place);
  if (count === undefined || by.hook === 'output' || (by.rule !== null && !by.handle))
    return { reason: `the chain ${named(place)} is not one that this version changes`, instructions };
  const rule = `${subnet.includes(':') ? 'ip6' : 'ip'} saddr ${subnet} tcp dport ${port} accept comment "ollama-doctor"`;
  const position = by.rule ?? count + 1;
  const live = await liveChange(machine, place, by, rule, `let ${subnet} reach port ${port}`);
  const changes: Change[] = [live];
  if (ownership?.owner === 'nftables-service') {
    const next = by.rule === null ? null : by.text;
    const kept = await keptChange({ draft, machine }, place, { count, position, next }, rule);
    if ('reason' in kept) return { reason: kept.reason, instructions };
    changes.push(kept);
    draft.files.set(kept.path, kept.after);
  }
  draft.listings = withNftRule(listings, place, position, portRule(port, 'accept', { source: subnet }));
  return changes;
}

async function liveChange(
  machine: Planning['machine'],
  { family, table, chain }: NftChain,
  by: RuleReference,
  rule: string,
  summary: string,
): Promise<CommandChange> {
  const list = ['list', 'chain', family, table, chain] as const;
  const stateless: Argv = ['nft', '-s', ...list];
  const now = await linesOf(machine, stateless);
  const where =
    by.rule === null
      ? ['add', 'rule', family, table, chain]
      : ['insert', 'rule', family, table, chain, 'position', String(by.handle)];
  const before = by.rule === null ? `the policy of ${chain}` : `rule ${by.rule} of ${chain}`;
  return {
    kind: 'command',
    summary: `${summary}, ahead of ${before}`,
    apply: ['nft', ...where, ...rule.split(' ')],
    undo: [['nft', 'delete', 'rule', family, table, chain, 'handle', handleWord]],
    inForce: { argv: stateless, line: rule },
    handleFrom: ['nft', '-s', '-a', ...list],
    ...(now ? { madeFrom: { argv: stateless, lines: now } } : {}),
    diff: '',
    elevated: true,
  };
}

async function keptChange(
  { draft, machine }: Pick<Planning, 'draft' | 'machine'>,
  place: NftChain,
  live: { count: number; position: number; next: string | null },
  rule: string,
): Promise<(FileChange & { after: string }) | { reason: string }> {
  for (const script of nftablesScripts) {
    const read = await machine.read(script);
    if (read.outcome === 'absent' || read.outcome === 'not-recorded') continue;
    if (read.outcome !== 'read') return { reason: `${script} cannot be read` };
    const files = await scriptFiles(machine, script, read.text);
    if (files === undefined) return { reason: `a file that ${script} includes cannot be read` };
    // Written out in two files it would be one chain to the kernel, and where ours belongs could not be told.
    const found = files.flatMap(({ path, text }) => {
      const before = draft.files.get(path) ?? text;
      const after = spliceConf(before, place, live, rule);
      return after === undefined ? [] : [{ path, before, after }];
    });
    const [only] = found;
    if (!only || found.length > 1)
      return {
        reason: `${script} and what it includes do not write out the chain ${named(place)} once, as the kernel has it (a program may have made it)`,
      };
    return {
      kind: 'file',
      summary: 'the same after a reboot',
      ...only,
      attributes: { mode: 0o644 },
      thenRun: [],
      thenRunOnUndo: [],
      elevated: true,
    };
  }
  return { reason: 'the file that nftables.service loads was not found' };
}

function named({ family, table, chain }: NftChain): string {
  return `${family} ${table} ${chain}`;
}
