import type { Change, CommandChange } from '../../changes/change.ts';
import type { FirewallOwnership } from '../../facts/network.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Draft } from '../recipe.ts';
import type { Exceptions } from './nft-guard.ts';
import { chainLines, withLine, withRule, type RulePlace } from './place.ts';
import { chainNow, defaultBackend, leftoverOf, mark, programFor, ruleChange } from './rule-change.ts';
import { draftText, savedFileChange, savedFileFor } from './saved-file.ts';

const ownChain = 'OLLAMA-DOCTOR';

/**
 * Closes the port in one family by rules at the head of INPUT, live and in the file that is loaded at boot, and
 * nothing else of either. Adds to the draft. One rule says it where there is at most one exception, a chain of our
 * own where there are more.
 * @returns the changes, or why the saved file cannot be written
 */
export async function iptablesGuard(
  machine: Machine,
  draft: Draft,
  ownership: FirewallOwnership,
  family: 4 | 6,
  port: number,
  exceptions: Exceptions,
): Promise<Change[] | { reason: string }> {
  const file = savedFileFor(ownership, family);
  if (!file) return { reason: `nothing loads IPv${family} rules at boot` };
  if (file.exists && !file.readable) return { reason: `${file.path} may not be read` };
  const backend = await defaultBackend(machine, family);
  const program = await programFor(machine, family, backend);
  const lines = guardLines(family, port, exceptions);
  const summary = `close port ${port} to everyone but this host and its containers (IPv${family})`;
  const before = draftText(draft, file);
  const changes: Change[] = [];
  let text = before ?? '';
  const input = { family, backend, table: 'filter', chain: 'INPUT' } as const;
  const madeFrom = await chainNow(machine, program, input);
  const leftover = leftoverOf(draft.listings ?? [], input, program);
  const left = leftover ? { leftover } : {};
  if (lines.some((line) => line.startsWith(`-A ${ownChain} `)))
    changes.push({ ...chainChange(program, backend), ...left });
  for (const line of lines) {
    const chain = line.split(' ')[1] ?? '';
    const place: RulePlace = { family, backend, table: 'filter', chain, position: 1 };
    // The lines of our own chain come first, in their order; the one in INPUT sends packets there last.
    const own = chain === ownChain;
    if (own) place.position = (chainLines(draft.listings ?? [], place)?.length ?? 0) + 1;
    const seen = own ? {} : { ...(madeFrom ? { madeFrom } : {}), ...left };
    changes.push(ruleChange(program, { ...place, append: own }, line, summary, seen));
    draft.listings = withRule(draft.listings ?? [], place, line);
    text = withLine(text, own ? { ...place, position: Number.MAX_SAFE_INTEGER } : place, line);
  }
  draft.files.set(file.path, text);
  changes.push(savedFileChange(file, before, text, `the same after a reboot (IPv${family})`));
  return changes;
}

/** The same for IPv4 and IPv6 as a person types it, first to last. */
export function guardCommands(port: number, exceptions: Exceptions): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const program = family === 4 ? 'iptables' : 'ip6tables';
    const lines = guardLines(family, port, exceptions);
    return [
      ...(lines.length > 1 ? [`sudo ${program} -N ${ownChain}`] : []),
      ...lines.map((line) => `sudo ${program} ${line.replace(/^-A INPUT /u, '-I INPUT 1 ')}`),
    ];
  });
}

/** What iptables-save prints for the guard (1.8.9 and 1.8.11: source, destination, interface, protocol, match, target). */
function guardLines(family: 4 | 6, port: number, { sources, destinations }: Exceptions): string[] {
  const isOwn = (address: string): boolean => address.includes(':') === (family === 6);
  const full = (address: string): string =>
    address.includes('/') ? address : `${address}/${family === 4 ? 32 : 128}`;
  const from = sources.filter(isOwn).map((subnet) => `-s ${full(subnet)}`);
  const to = destinations.filter(isOwn).map((address) => `-d ${full(address)}`);
  const all = [...from, ...to];
  const to11434 = `-p tcp -m tcp --dport ${port} ${mark}`;
  if (all.length <= 1) {
    const except = all.map((one) => `! ${one} `).join('');
    return [`-A INPUT ${except}! -i lo ${to11434} -j DROP`];
  }
  return [
    `-A ${ownChain} -i lo ${mark} -j RETURN`,
    ...all.map((one) => `-A ${ownChain} ${one} ${mark} -j RETURN`),
    `-A ${ownChain} ${mark} -j DROP`,
    `-A INPUT ${to11434} -j ${ownChain}`,
  ];
}

function chainChange(program: string, backend: 'nft' | 'legacy'): CommandChange {
  const wait = backend === 'legacy' ? ['-w', '10'] : [];
  return {
    kind: 'command',
    summary: 'a chain of our own',
    apply: [program, ...wait, '-N', ownChain],
    undo: [[program, ...wait, '-X', ownChain]],
    inForce: { argv: [program, '-S'], line: `-N ${ownChain}` },
    diff: '',
    elevated: true,
  };
}
