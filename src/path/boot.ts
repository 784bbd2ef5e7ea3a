import type { FirewallOwnership, RulesetListing, Rulesets } from '../facts/network.ts';

/** What the packet filter will be after a boot, as far as files tell. */
export type AfterBoot =
  | { state: 'listed'; listings: RulesetListing[] }
  /** A front end keeps what it put in force. */
  | { state: 'kept'; reason: string }
  | { state: 'unknown'; reason: string };

/** The table that a systemd drop-in of ours loads whenever Ollama starts. */
export const guardTable = 'ollama_doctor';

/**
 * The listings after a boot: plain rules come from the files that are loaded then, or are gone where nothing loads
 * any; our own guard table comes back with the service.
 */
export function rulesetsAfterBoot(live: Rulesets, ownership: FirewallOwnership): AfterBoot {
  switch (ownership.owner) {
    case 'ufw':
    case 'firewalld':
      // Its unit may be off: what it put in force is gone then, and nothing else is kept.
      if (!ownership.loadsAtBoot) break;
      return { state: 'kept', reason: `${ownership.owner} keeps its rules and loads them at boot` };
    case 'nixos':
      return { state: 'kept', reason: `${ownership.owner} keeps its rules and loads them at boot` };
    case 'nftables-service':
      return {
        state: 'unknown',
        reason: 'what nftables.service will load at boot is not compared by this version',
      };
    case 'netfilter-persistent':
    case 'iptables-services':
    case 'nobody':
      break;
  }
  const listings: RulesetListing[] = [];
  if (ownership.loadsAtBoot) {
    for (const file of ownership.savedFiles) {
      if (file.exists && !file.readable)
        return { state: 'unknown', reason: `${file.path} may not be read: run it with sudo` };
      if (file.text !== undefined)
        listings.push({
          format: file.family === 4 ? 'iptables-save' : 'ip6tables-save',
          text: file.text,
          source: file.path,
        });
    }
  }
  for (const listing of live.listings) {
    if (listing.format !== 'nft-json') continue;
    const guard = onlyTable(listing.text, guardTable);
    if (guard !== undefined) listings.push({ ...listing, text: guard });
  }
  return { state: 'listed', listings };
}

/** The part of an `nft -j list ruleset` that belongs to one table, or undefined when there is none. */
function onlyTable(text: string, table: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const items = (parsed as { nftables?: unknown }).nftables;
  if (!Array.isArray(items)) return undefined;
  const kept = items.filter((item: unknown) => {
    if (typeof item !== 'object' || item === null) return false;
    return Object.entries(item).some(([kind, value]) => kind === 'metainfo' || belongsTo(kind, value, table));
  });
  return kept.length > 1 ? JSON.stringify({ nftables: kept }) : undefined;
}

function belongsTo(kind: string, value: unknown, table: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const named = value as { name?: unknown; table?: unknown };
  return kind === 'table' ? named.name === table : named.table === table;
}
