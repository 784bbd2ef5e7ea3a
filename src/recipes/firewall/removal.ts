import type { Argv, Change, CommandChange } from '../../changes/change.ts';
import { linesOf, withoutCounters } from '../../changes/visible.ts';
import type { OwnRule } from '../../facts/network.ts';
import type { Planning } from '../recipe.ts';
import { directRemoval, isDirectChain } from './firewalld/direct.ts';
import { richRuleRemoval } from './firewalld/command.ts';
import { guardChange, guardFile, withGuard, withoutSource } from './nft-guard.ts';
import { rulesIn } from './nft-listing.ts';
import { withoutJsonRule, withoutRule, withRule } from './place.ts';
import { chainNow, programFor, ruleChange, ruleRemoval } from './rule-change.ts';
import { ufwRemoval } from './ufw/removal.ts';

type Removal = { changes: Change[] } | { reason: string; instructions: string[] };

/** Takes one rule of ours away where it stands, the way its owner takes rules away. Adds to the draft. */
export async function removal(planning: Planning, rule: OwnRule): Promise<Removal> {
  const { machine, draft } = planning;
  const { place, subnet, port, text } = rule;
  const summary = `no longer let ${subnet} reach port ${port}: no network has it any more`;
  switch (place.kind) {
    case 'iptables': {
      if (isDirectChain(place.chain)) {
        draft.listings = withoutRule(draft.listings ?? [], place);
        return { changes: await directRemoval(machine, place, text, summary) };
      }
      const program = await programFor(machine, place.family, place.backend);
      const now = await chainNow(machine, program, place);
      const seen = now ? { madeFrom: now } : {};
      if (rule.instead !== undefined) {
        // The one that stays shut is there before the other goes.
        const after = { ...place, position: place.position + 1 };
        draft.listings = withoutRule(withRule(draft.listings ?? [], place, rule.instead), after);
        const closed = `keep port ${port} shut to everyone but this host`;
        return {
          changes: [
            ruleChange(program, { ...place, append: false }, rule.instead, closed, seen),
            ruleRemoval(program, after, text, summary),
          ],
        };
      }
      draft.listings = withoutRule(draft.listings ?? [], place);
      return { changes: [ruleRemoval(program, place, text, summary, seen)] };
    }
    case 'nft':
      return { changes: [await nftRemoval(planning, place, text, summary)] };
    case 'guard':
      return guardRemoval(planning, subnet, summary);
    case 'file':
      return fileRemoval(planning, place.path, rule, summary);
    case 'ufw':
      return { changes: [await ufwRemoval(planning, text, summary)] };
    case 'firewalld':
      return { changes: [richRuleRemoval({ kind: place.at, name: place.zone }, text, place.kept, summary)] };
  }
}

async function nftRemoval(
  { machine, draft }: Planning,
  place: Extract<OwnRule['place'], { kind: 'nft' }>,
  text: string,
  summary: string,
): Promise<CommandChange> {
  const { family, table, chain, position, handle } = place;
  const where = [family, table, chain] as const;
  const listed: Argv = ['nft', '-s', 'list', 'chain', ...where];
  const now = await linesOf(machine, listed);
  const count = rulesIn(draft.listings ?? [], place) ?? position;
  // `index` counts from 0 and puts the rule ahead of the one that has that number by then (nft(8)).
  const back =
    position < count
      ? ['insert', 'rule', ...where, 'index', String(position - 1)]
      : ['add', 'rule', ...where];
  draft.listings = (draft.listings ?? []).map((listing) =>
    listing.format === 'nft-json' ? { ...listing, text: withoutJsonRule(listing.text, place) } : listing,
  );
  return {
    kind: 'command',
    summary,
    apply: ['nft', 'delete', 'rule', ...where, 'handle', String(handle)],
    undo: [['nft', ...back, ...text.split(' ')]],
    inForce: { argv: listed, line: text, absent: true },
    ...(now ? { madeFrom: { argv: listed, lines: now } } : {}),
    diff: '',
    elevated: true,
  };
}

async function guardRemoval({ machine, draft }: Planning, subnet: string, summary: string): Promise<Removal> {
  const read = await machine.read(guardFile);
  const before = draft.files.get(guardFile) ?? (read.outcome === 'read' ? read.text : null);
  const after = before === null ? undefined : withoutSource(before, subnet);
  if (before === null || after === undefined)
    return {
      reason: `the table that guards the port is not what ${guardFile} says`,
      instructions: ['take the fix back and make it anew: ollama-doctor undo, then ollama-doctor fix'],
    };
  draft.files.set(guardFile, after);
  draft.listings = withGuard(draft.listings ?? [], after);
  return { changes: [guardChange(before, after, summary)] };
}

async function fileRemoval(
  { machine, draft }: Planning,
  path: string,
  { text, instead }: OwnRule,
  summary: string,
): Promise<Removal> {
  const read = await machine.read(path);
  const before = draft.files.get(path) ?? (read.outcome === 'read' ? read.text : null);
  const after = before === null ? undefined : withoutLine(before, text, instead);
  if (before === null || after === undefined)
    return { reason: `${path} cannot be read`, instructions: [`take this line out of it: ${text}`] };
  draft.files.set(path, after);
  return {
    changes: [
      {
        kind: 'file',
        summary,
        path,
        before,
        after,
        attributes: { mode: 0o640 },
        thenRun: [],
        thenRunOnUndo: [],
        elevated: true,
      },
    ],
  };
}

/** The text without the line of a rule, whatever its counters and blanks, or with another for it; undefined where there is none. */
function withoutLine(text: string, rule: string, instead: string | undefined): string | undefined {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => withoutCounters(line) === rule);
  return at < 0 ? undefined : lines.toSpliced(at, 1, ...(instead === undefined ? [] : [instead])).join('\n');
}
