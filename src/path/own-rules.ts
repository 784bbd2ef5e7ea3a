import type { FirewallOwnership, HostNetwork, OwnRule, RulesetListing } from '../facts/network.ts';
import { parseIptablesSave } from '../firewall/index.ts';
import { guardTable } from './boot.ts';
import { isIn, overlap } from './subnet.ts';

/** Every rule of ours that lets a subnet in: in force, in the files that are loaded at boot, and with a front end. */
export function ownRules(
  listings: readonly RulesetListing[],
  ownership: FirewallOwnership | undefined,
): OwnRule[] {
  const live = listings.flatMap((listing) =>
    listing.format === 'nft-json' ? inNft(listing.text) : inListing(listing),
  );
  const saved = (ownership?.savedFiles ?? []).flatMap(({ path, family, text }) =>
    inIptables(text ?? '', family).map((rule): OwnRule => ({ ...rule, place: { kind: 'file', path } })),
  );
  return [...live, ...saved, ...inScript(ownership?.script), ...(ownership?.ownRules ?? [])];
}

/**
 * Those of them whose subnet no network of this host has any more.
 * @param subnets of every network of every container engine here, whether it is up or not
 */
export function staleRules(
  rules: readonly OwnRule[],
  subnets: readonly string[],
  host: HostNetwork,
): OwnRule[] {
  const onLink = host.routes
    .filter((route) => route.destination !== 'default')
    .map((route) => route.destination);
  return rules.filter(
    ({ subnet }) =>
      !subnets.some((known) => overlap(known, subnet)) &&
      !host.addresses.some((own) => isIn(own.address, subnet)) &&
      !onLink.some((known) => isIn(known.split('/')[0] ?? '', subnet)),
  );
}

function inListing({ format, backend = 'nft', text }: RulesetListing): OwnRule[] {
  if (!text.includes('ollama-doctor')) return [];
  const family = format === 'iptables-save' ? 4 : 6;
  return inIptables(text, family).map(
    ({ chain, position, table, ...rule }): OwnRule => ({
      ...rule,
      place: { kind: 'iptables', family, backend, table, chain, position },
    }),
  );
}

interface Found {
  subnet: string;
  port: number;
  text: string;
  instead?: string;
  table: string;
  chain: string;
  position: number;
}

/** The guard of a port that lets one subnet in. */
const guardOfOne = / ! -s (\S+) ! -i lo -p tcp -m tcp --dport (\d+) .* -j DROP$/u;

/** By the comment; a chain of ours lets in what it returns. */
function inIptables(text: string, family: 4 | 6): Found[] {
  if (!text.includes('ollama-doctor')) return [];
  const found: Found[] = [];
  for (const [table, { chains }] of parseIptablesSave(text).tables)
    for (const [chain, { rules }] of chains)
      for (const [index, { line }] of rules.entries()) {
        const words = line.replace(/^\[\d+:\d+\] /u, '');
        if (!/ --comment "?ollama-doctor"? /u.test(words)) continue;
        const [, kept, shut] = guardOfOne.exec(words) ?? [];
        if (kept !== undefined && kept.includes(':') === (family === 6)) {
          const instead = words.replace(` ! -s ${kept}`, '');
          found.push({
            subnet: kept,
            port: Number(shut),
            text: words,
            instead,
            table,
            chain,
            position: index + 1,
          });
        }
        if (!words.endsWith(chain === 'OLLAMA-DOCTOR' ? ' -j RETURN' : ' -j ACCEPT')) continue;
        const [, subnet] = /^-A \S+ -s (\S+) /u.exec(words) ?? [];
        if (subnet === undefined || subnet.includes(':') !== (family === 6)) continue;
        const port = Number(/ --dport (\d+) /u.exec(words)?.[1] ?? portOfChain(text, chain));
        found.push({ subnet, port, text: words, table, chain, position: index + 1 });
      }
  return found;
}

/** The port for which packets are sent to a chain of ours. */
function portOfChain(text: string, chain: string): number {
  return Number(new RegExp(String.raw` --dport (\d+) .* -j ${chain}$`, 'mu').exec(text)?.[1] ?? 0);
}

interface JsonRule {
  family?: string;
  table?: string;
  chain?: string;
  handle?: number;
  comment?: string;
  expr?: unknown;
}

/** By the comment, and in the table that guards the port all of them (libnftables-json(5)). */
function inNft(text: string): OwnRule[] {
  if (!/ollama[-_]doctor/u.test(text)) return [];
  const positions = new Map<string, number>();
  const found: OwnRule[] = [];
  let guarded = 0;
  for (const { rule } of itemsOf(text)) {
    const { family, table, chain, handle, comment } = rule ?? {};
    if (family === undefined || table === undefined || chain === undefined) continue;
    const key = `${family} ${table} ${chain}`;
    const position = (positions.get(key) ?? 0) + 1;
    positions.set(key, position);
    const { source, port, accepts } = meaning(rule?.expr);
    if (table === guardTable && port > 0) guarded = port;
    if (!accepts || source === undefined) continue;
    const protocol = source.includes(':') ? 'ip6' : 'ip';
    if (table === guardTable) {
      const line = `${protocol} saddr ${source} accept`;
      found.push({ subnet: source, port, text: line, place: { kind: 'guard' } });
    } else if (comment === 'ollama-doctor' && handle !== undefined && port > 0) {
      const line = `${protocol} saddr ${source} tcp dport ${port} accept comment "ollama-doctor"`;
      const place = { kind: 'nft', family, table, chain, position, handle } as const;
      found.push({ subnet: source, port, text: line, place });
    }
  }
  return found.map((rule) => (rule.place.kind === 'guard' ? { ...rule, port: guarded } : rule));
}

function itemsOf(text: string): { rule?: JsonRule }[] {
  try {
    const { nftables } = JSON.parse(text) as { nftables?: unknown };
    return Array.isArray(nftables) ? nftables.filter((one) => typeof one === 'object' && one !== null) : [];
  } catch {
    return [];
  }
}

function meaning(expr: unknown): { source?: string; port: number; accepts: boolean } {
  const statements = Array.isArray(expr) ? (expr as Record<string, unknown>[]) : [];
  let source: string | undefined;
  let port = 0;
  for (const { match } of statements) {
    const { left, right, op } = (match ?? {}) as {
      left?: { payload?: { field?: string } };
      right?: unknown;
      op?: string;
    };
    if (op !== '==') continue;
    if (left?.payload?.field === 'saddr') source = prefixOf(right);
    if (left?.payload?.field === 'dport' && typeof right === 'number') port = right;
  }
  const accepts = statements.some((one) => 'accept' in one);
  return { port, accepts, ...(source === undefined ? {} : { source }) };
}

function prefixOf(right: unknown): string | undefined {
  const { prefix } = (typeof right === 'object' && right !== null ? right : {}) as {
    prefix?: { addr?: unknown; len?: unknown };
  };
  return typeof prefix?.addr === 'string' && typeof prefix.len === 'number'
    ? `${prefix.addr}/${prefix.len}`
    : undefined;
}

function inScript(script: FirewallOwnership['script']): OwnRule[] {
  const rule = /^[ \t]*(ip6? saddr (\S+) tcp dport (\d+) accept comment "ollama-doctor")[ \t]*$/gmu;
  return (script?.files ?? []).flatMap(({ path, text: whole }) =>
    [...whole.matchAll(rule)].map(
      ([, text = '', subnet = '', port]): OwnRule => ({
        subnet,
        port: Number(port),
        text,
        place: { kind: 'file', path },
      }),
    ),
  );
}
