import { parseIptablesSave, type SavedListing } from './iptables/listing.ts';
import { iptablesTables } from './iptables/source.ts';
import { type NftListing, parseNftJson } from './nft/listing.ts';
import { nftTables } from './nft/source.ts';
import type { Backend, RulesetInput } from './types.ts';
import type { Findings, Table } from './walk/effect.ts';

interface Saved {
  readonly listing: SavedListing;
  readonly family: 'ip' | 'ip6';
  readonly backend: Backend | null;
}

/** A table that nft lists too, with the same built-in chains, is iptables-nft's and the same one. */
function isSameTable(nft: NftListing, saved: Saved): boolean {
  for (const table of saved.listing.tables.values()) {
    const twin = nft.tables.get(`${saved.family} ${table.name}`);
    if (twin && [...table.chains.values()].some((c) => c.policy !== null && twin.chains.has(c.name)))
      return true;
  }
  return false;
}

/**
 * Makes one list of tables of all listings that concern packets of the family.
 *
 * nft's JSON is the truth about what is in nf_tables, iptables-nft's tables included; iptables-nft-save is then
 * asked only for the rules that the JSON cannot show, and what both list is counted once.
 * @returns `sound` false when some listing could not be read to its end, so that rules may be missing
 */
export function readSources(
  rulesets: readonly RulesetInput[],
  family: 4 | 6,
  findings: Findings,
): { tables: Table[]; sound: boolean } {
  let sound = true;
  const saved: Saved[] = [];
  const nft: NftListing[] = [];
  const complain = (format: string, problems: readonly string[]) => {
    for (const problem of problems) findings.unknown.add(`${format}: ${problem}`);
    if (problems.length > 0) sound = false;
  };
  for (const ruleset of rulesets) {
    const text = typeof ruleset?.text === 'string' ? ruleset.text : '';
    if (ruleset.format === 'nft-json') {
      if (text.trim() === '') continue;
      const listing = parseNftJson(text);
      complain(ruleset.format, listing.problems);
      nft.push(listing);
    } else if (ruleset.format === 'iptables-save' || ruleset.format === 'ip6tables-save') {
      if ((ruleset.format === 'ip6tables-save') !== (family === 6)) continue;
      const listing = parseIptablesSave(text);
      complain(ruleset.format, listing.problems);
      for (const remark of listing.remarks) findings.notes.add(`${ruleset.format}: ${remark}`);
      saved.push({
        listing,
        family: family === 4 ? 'ip' : 'ip6',
        backend: ruleset.backend ?? listing.backend,
      });
    } else complain(JSON.stringify(ruleset), ['a listing of a format that cannot be read']);
  }
  return { tables: combine(nft, saved, findings), sound };
}

function combine(nft: readonly NftListing[], saved: readonly Saved[], findings: Findings): Table[] {
  const tables: Table[] = [];
  const twins: Partial<Record<string, SavedListing>> = {};
  const listed = new Set<string>();
  for (const listing of nft) for (const key of listing.tables.keys()) listed.add(key);
  for (const each of saved) {
    const isNft =
      each.backend === 'nft' || (each.backend === null && nft.some((listing) => isSameTable(listing, each)));
    if (nft.length > 0 && isNft) {
      twins[each.family] = each.listing;
      const missing = iptablesTables(each.listing, each.family, 'nft').filter(
        (t) => !listed.has(`${t.family} ${t.name}`),
      );
      for (const table of missing) {
        findings.notes.add(
          `table ${table.family} ${table.name} is in iptables-save but not in nft's listing; both are counted`,
        );
      }
      tables.push(...missing);
    } else {
      tables.push(
        ...iptablesTables(each.listing, each.family, each.backend ?? (nft.length > 0 ? 'legacy' : 'nft')),
      );
      if (isNft && each.listing.remarks.length === 0) {
        findings.notes.add(
          'iptables-save alone was given: rules of native nft tables, and sets in its own, are not in it',
        );
      }
    }
  }
  for (const listing of nft) tables.push(...nftTables(listing, twins));
  return tables;
}
