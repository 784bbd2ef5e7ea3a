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
    case 'generated':
      if (!ownership.loadsAtBoot) break;
      return { state: 'kept', reason: `${ownership.generator} makes its rules again at boot` };
    case 'nixos':
      return { state: 'kept', reason: `${ownership.owner} keeps its rules and loads them at boot` };
    case 'nftables-service':
      return afterScript(live, ownership.script);
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
  const guard = guardOf(live);
  return { state: 'listed', listings: guard ? [...listings, guard] : listings };
}

/** The script's own tables, and our guard, which the service loads too where the script does not. */
function afterScript(live: Rulesets, script: FirewallOwnership['script']): AfterBoot {
  if (script?.listing === undefined)
    return { state: 'unknown', reason: script?.problem ?? 'the script of nftables.service was not found' };
  const listing: RulesetListing = {
    format: 'nft-json',
    backend: 'nft',
    text: script.listing,
    source: script.path,
  };
  const guard = onlyTable(script.listing, guardTable) === undefined ? guardOf(live) : undefined;
  if (!guard) return { state: 'listed', listings: [listing] };
  const [own, more] = [script.listing, guard.text].map(
    (text) => (JSON.parse(text) as { nftables: unknown[] }).nftables,
  );
  return {
    state: 'listed',
    listings: [{ ...listing, text: JSON.stringify({ nftables: [...(own ?? []), ...(more ?? [])] }) }],
  };
}

/** The part of what is in force that is our guard. */
function guardOf(live: Rulesets): RulesetListing | undefined {
  for (const listing of live.listings) {
    if (listing.format !== 'nft-json') continue;
    const text = onlyTable(listing.text, guardTable);
    if (text !== undefined) return { ...listing, text };
  }
  return undefined;
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
