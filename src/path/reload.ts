import type { FirewallOwnership, RulesetListing } from '../facts/network.ts';

/** What a container engine has in the kernel, and loses with every other rule of nft's when the ruleset is flushed. */
interface Taken {
  engine: 'Docker' | 'Podman';
  /** `ip docker-bridges`. */
  tables: string[];
}

/** The command that makes an engine lay its rules again (docker's daemon at its start; podman-network-reload(1)). */
const layAgain = {
  Docker: 'sudo systemctl restart docker',
  Podman: 'sudo podman network reload --all',
} as const;

/** By tables of nft's own (Docker 29 with `firewall-backend: nftables`, netavark), and by chains in those of iptables-nft. */
const marks = [
  { engine: 'Docker', table: /^docker-bridges$/u, chain: /^DOCKER/u },
  { engine: 'Podman', table: /^netavark$/u, chain: /^NETAVARK/u },
] as const;

/**
 * What a reload of nftables.service takes away besides what its script makes again: the script says `flush ruleset`
 * (nft(8): all tables, or all of one family), and an engine has rules in the kernel. Rules of legacy iptables stay.
 */
function takenByReload(
  listings: readonly RulesetListing[],
  ownership: FirewallOwnership | undefined,
): { path: string; taken: Taken[] } | undefined {
  if (ownership?.owner !== 'nftables-service') return undefined;
  const flush = (ownership.script?.files ?? []).flatMap(({ path, text }) => {
    const found = /^[ \t]*flush[ \t]+ruleset(?:[ \t]+(\w+))?/mu.exec(text);
    return found ? [{ path, family: found[1] }] : [];
  })[0];
  if (!flush) return undefined;
  const taken = tablesOfEngines(listings, flush.family);
  return taken.length === 0 ? undefined : { path: flush.path, taken };
}

/** One line for each engine that loses its rules, for evidence. */
export function reloadWords(
  listings: readonly RulesetListing[],
  ownership: FirewallOwnership | undefined,
): { source: string; text: string }[] {
  const found = takenByReload(listings, ownership);
  return (found?.taken ?? []).map(({ engine, tables }) => ({
    source: `flush ruleset in ${found?.path}`,
    text: `a reload of nftables.service takes the rules of ${engine} with it (${tables.join(', ')}): published ports and the containers' way out are gone then, until ${layAgain[engine]}; a boot is fine, as ${engine} lays them after it`,
  }));
}

/** The same beside a plan, for whoever would load the changed script by hand. */
export function reloadNotes(
  listings: readonly RulesetListing[],
  ownership: FirewallOwnership | undefined,
): string[] {
  const found = takenByReload(listings, ownership);
  return (found?.taken ?? []).map(
    ({ engine }) =>
      `nftables.service is not reloaded for this, and need not be: the flush ruleset of ${found?.path} would take the rules of ${engine} away, until ${layAgain[engine]}`,
  );
}

interface Item {
  table?: { family: string; name: string };
  chain?: { family: string; table: string; name: string };
}

function tablesOfEngines(listings: readonly RulesetListing[], family: string | undefined): Taken[] {
  const items = listings.flatMap((listing) => (listing.format === 'nft-json' ? itemsOf(listing.text) : []));
  return marks.flatMap(({ engine, table, chain }): Taken[] => {
    const found = items.flatMap((item) => {
      if (item.table && table.test(item.table.name)) return [item.table];
      return item.chain && chain.test(item.chain.name) ? [{ ...item.chain, name: item.chain.table }] : [];
    });
    const own = found.filter((one) => family === undefined || one.family === family);
    const tables = [...new Set(own.map((one) => `${one.family} ${one.name}`))];
    return tables.length === 0 ? [] : [{ engine, tables }];
  });
}

function itemsOf(text: string): Item[] {
  try {
    const { nftables } = JSON.parse(text) as { nftables?: unknown };
    return Array.isArray(nftables)
      ? (nftables as unknown[]).filter(
          (one): one is Item => typeof one === 'object' && one !== null && ('table' in one || 'chain' in one),
        )
      : [];
  } catch {
    return [];
  }
}
