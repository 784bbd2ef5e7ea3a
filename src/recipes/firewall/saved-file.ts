import type { FileChange } from '../../changes/change.ts';
import { withoutCounters } from '../../changes/visible.ts';
import type { FirewallOwnership } from '../../facts/network.ts';
import { decide, type HostFacts, type Packet, parseIptablesSave } from '../../firewall/index.ts';
import type { Draft } from '../recipe.ts';
import { withLine } from './place.ts';

export type SavedFile = FirewallOwnership['savedFiles'][number];

/** The file that is loaded at boot for a family, where plain files are; undefined where nothing loads one. */
export function savedFileFor(ownership: FirewallOwnership | undefined, family: 4 | 6): SavedFile | undefined {
  if (!ownership?.loadsAtBoot) return undefined;
  return ownership.savedFiles.find((file) => file.family === family);
}

/** Its text as the draft has it; null where there is no file. */
export function draftText(draft: Draft, file: SavedFile): string | null {
  const planned = draft.files.get(file.path);
  return planned === undefined ? (file.text ?? null) : planned;
}

/**
 * Puts a rule where its like stands in the live chain: ahead of the same rule, else next to the nearest neighbour
 * that both have, else at the head of the chain (an ACCEPT ahead of everything is what an insertion would give).
 * @param live the live chain's lines without ours, and the index before which ours stands
 */
export function spliceLikeLive(
  text: string,
  place: { table: string; chain: string },
  line: string,
  live: { lines: readonly string[]; index: number },
): string {
  const rules = parseIptablesSave(text).tables.get(place.table)?.chains.get(place.chain)?.rules ?? [];
  const saved = rules.map((rule) => withoutCounters(rule.line));
  if (saved.includes(line)) return text;
  return withLine(text, { ...place, position: savedIndex(saved, live) + 1 }, line);
}

function savedIndex(
  saved: readonly string[],
  { lines, index }: { lines: readonly string[]; index: number },
): number {
  for (let at = index; at < lines.length; at += 1) {
    const found = saved.indexOf(lines[at] ?? '');
    if (found >= 0) return found;
  }
  // The policy decides, or nothing that follows is saved.
  for (let at = index - 1; at >= 0; at -= 1) {
    const found = saved.lastIndexOf(lines[at] ?? '');
    if (found >= 0) return found + 1;
  }
  return index === lines.length ? saved.length : 0;
}

/** Whether a saved file has a chain, so that a rule there can be like the live one; what every table has counts. */
export function hasChain(text: string, { table, chain }: { table: string; chain: string }): boolean {
  return (
    /^(?:INPUT|PREROUTING|OUTPUT|FORWARD|POSTROUTING)$/u.test(chain) ||
    parseIptablesSave(text).tables.get(table)?.chains.has(chain) === true
  );
}

const blockersAtMost = 6;

/**
 * A saved file in which a packet gets through, by a rule ahead of each that blocks it there: what is saved need not be
 * what is in force, and then a rule next to the live one's neighbours does not help after a boot.
 * @param rule the rule behind `-A CHAIN `
 * @returns the same text where it gets through already, or where that cannot be told
 */
export function openInSaved(
  text: string,
  family: 4 | 6,
  { packet, host }: { packet: Packet; host: HostFacts },
  rule: string,
): string {
  const format = family === 4 ? 'iptables-save' : 'ip6tables-save';
  let now = text;
  for (let blockers = 0; blockers < blockersAtMost; blockers += 1) {
    const { verdict, decidedBy: by } = decide({ rulesets: [{ format, text: now }], packet, host });
    if (verdict === 'accept') return now;
    if (verdict === 'unknown' || by === null || !('chain' in by) || by.hook === 'output') return text;
    const position = by.rule ?? Number.MAX_SAFE_INTEGER;
    now = withLine(now, { table: by.table, chain: by.chain, position }, `-A ${by.chain} ${rule}`);
  }
  return text;
}

/** The change of a saved file; the mode is the one its owner gives such files (Debian's netfilter-persistent: 0640). */
export function savedFileChange(
  file: SavedFile,
  before: string | null,
  after: string,
  summary: string,
): FileChange {
  return {
    kind: 'file',
    summary,
    path: file.path,
    before,
    after,
    attributes: { mode: file.path.startsWith('/etc/iptables/') ? 0o640 : 0o600 },
    thenRun: [],
    thenRunOnUndo: [],
    elevated: true,
  };
}
