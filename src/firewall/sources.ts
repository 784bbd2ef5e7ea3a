import { type SavedListing, parseIptablesSave } from './iptables/listing.ts';
import { iptablesTables } from './iptables/source.ts';
import type { Backend, RulesetInput } from './types.ts';
import type { Findings, Table } from './walk/effect.ts';

interface Saved {
  readonly listing: SavedListing;
  readonly family: 'ip' | 'ip6';
  readonly backend: Backend | null;
}

/**
 * Makes one list of tables of all listings that concern packets of the family.
 * @returns `sound` false when some listing could not be read to its end, so that rules may be missing
 */
export function readSources(
  rulesets: readonly RulesetInput[],
  family: 4 | 6,
  findings: Findings,
): { tables: Table[]; sound: boolean } {
  const tables: Table[] = [];
  let sound = true;
  const saved: Saved[] = [];
  for (const ruleset of Array.isArray(rulesets) ? (rulesets as readonly RulesetInput[]) : []) {
    const text = typeof ruleset?.text === 'string' ? ruleset.text : '';
    if (ruleset.format === 'nft-json') {
      if (text.trim() === '') continue;
      findings.unknown.add('nft-json listings are not read yet');
      sound = false;
    } else if (ruleset.format === 'iptables-save' || ruleset.format === 'ip6tables-save') {
      if ((ruleset.format === 'ip6tables-save') !== (family === 6)) continue;
      const listing = parseIptablesSave(text);
      for (const problem of listing.problems) findings.unknown.add(`${ruleset.format}: ${problem}`);
      for (const remark of listing.remarks) findings.notes.add(`${ruleset.format}: ${remark}`);
      if (listing.problems.length > 0) sound = false;
      saved.push({
        listing,
        family: family === 4 ? 'ip' : 'ip6',
        backend: ruleset.backend ?? listing.backend,
      });
    } else {
      findings.unknown.add(`a listing of the format ${JSON.stringify(ruleset?.format)} cannot be read`);
      sound = false;
    }
  }
  for (const { listing, family: name, backend } of saved)
    tables.push(...iptablesTables(listing, name, backend ?? 'nft'));
  return { tables, sound };
}
