import type { Looked } from '../../facts/looked.ts';
import type { RulesetListing, Rulesets } from '../../facts/network.ts';
import type { Machine, ReadResult, RunResult } from '../../machine/machine.ts';
import { runFailure } from './run-failure.ts';

const maxBytes = 32 * 1024 * 1024;
const timeoutMs = 8000;

type Format = RulesetListing['format'];
type Missing = Rulesets['missing'];

/**
 * Every packet filter listing: nftables as JSON, iptables' own view of its nftables tables (JSON leaves out what its
 * extensions match), and the legacy tables where the kernel has any.
 *
 * Looking changes nothing: `iptables-nft-save` creates no table (measured with 1.8.9 and 1.8.11), while the legacy tools
 * create the table they are asked for, so they are run only where /proc/net/ip_tables_names lists one.
 */
export async function lookAtRulesets(machine: Machine): Promise<Looked<Rulesets>> {
  const nft = machine.run({ argv: ['nft', '-j', 'list', 'ruleset'], maxBytes, timeoutMs });
  if (!machine.identity.elevated) {
    // Rights may have been given to this process otherwise, so one tool is asked; the others would say the same.
    const refused = await nft;
    if (refused.outcome !== 'exited' || refused.exitCode !== 0) return needsRoot(refused);
  }
  const [nftables, ipv4, ipv6, legacy4, legacy6] = await Promise.all([
    nft,
    machine.run(save('iptables-nft-save')),
    machine.run(save('ip6tables-nft-save')),
    machine.read('/proc/net/ip_tables_names'),
    machine.read('/proc/net/ip6_tables_names'),
  ]);
  const listings: RulesetListing[] = [];
  const missing: Missing = [];
  const add = (result: RunResult, source: string, format: Format, backend: 'nft' | 'legacy'): void => {
    if (isWhole(result)) listings.push({ format, backend, text: result.stdout, source });
    else missing.push({ source, reason: whyIncomplete(source, result) });
  };
  add(nftables, 'nft -j list ruleset', 'nft-json', 'nft');
  const json = isWhole(nftables) ? nftables.stdout : undefined;
  await Promise.all([
    addIptables(machine, { result: ipv4, program: 'iptables', names: legacy4, json, add }),
    addIptables(machine, { result: ipv6, program: 'ip6tables', names: legacy6, json, add }),
  ]);
  if (listings.length === 0) return nothingRead(missing);
  listings.sort((one, other) => order(one) - order(other));
  return {
    state: 'seen',
    value: { listings, missing },
    evidence: [
      ...listings.map(({ source, text }) => ({ source, text: `${countRules(text)} rules read` })),
      ...missing.map(({ source, reason }) => ({ source, text: reason })),
    ],
  };
}

interface IptablesListing {
  result: RunResult;
  program: 'iptables' | 'ip6tables';
  /** /proc/net/ip_tables_names: a line for each legacy table; absent when the kernel has no legacy support loaded. */
  names: ReadResult;
  /** The nftables listing, where it could be read. */
  json: string | undefined;
  add: (result: RunResult, source: string, format: Format, backend: 'nft' | 'legacy') => void;
}

async function addIptables(
  machine: Machine,
  { result, program, names, json, add }: IptablesListing,
): Promise<void> {
  const format: Format = `${program}-save`;
  const hasLegacyTables =
    (names.outcome === 'read' && names.text.trim() !== '') ||
    (result.outcome === 'exited' && result.stderr.includes('legacy tables present'));
  let legacyProgram = `${program}-legacy-save`;
  if (result.outcome !== 'not-found') {
    add(result, `${program}-nft-save -c`, format, 'nft');
  } else if (json?.includes('"xt"') || hasLegacyTables || json === undefined) {
    // Without the explicit names (iptables before 1.8, some distributions) the plain name may be either backend.
    const version = await machine.run({ argv: [program, '-V'] });
    const words = version.outcome === 'exited' ? version.stdout : '';
    if (words.includes('nf_tables')) {
      add(await machine.run(save(`${program}-save`)), `${program}-save -c`, format, 'nft');
    } else if (words !== '') {
      legacyProgram = `${program}-save`;
    } else if (json?.includes('"xt"') || json === undefined) {
      add(result, `${program}-nft-save -c`, format, 'nft');
    }
  }
  if (!hasLegacyTables) return;
  add(await machine.run(save(legacyProgram)), `${legacyProgram} -c`, format, 'legacy');
}

function save(program: string): { argv: [string, string]; maxBytes: number; timeoutMs: number } {
  return { argv: [program, '-c'], maxBytes, timeoutMs };
}

type Whole = Extract<RunResult, { outcome: 'exited' }>;

function isWhole(result: RunResult): result is Whole {
  return result.outcome === 'exited' && result.exitCode === 0 && !result.truncated;
}

function whyIncomplete(source: string, result: RunResult): string {
  if (result.outcome === 'exited' && result.truncated) return `its output is larger than ${maxBytes} bytes`;
  return runFailure(source.split(' ')[0] ?? source, result);
}

function nothingRead(missing: Missing): Looked<Rulesets> {
  if (missing.every(({ reason }) => reason.endsWith('is not installed'))) {
    return {
      state: 'unavailable',
      reason: 'no tool that lists packet filter rules is installed (nft, iptables)',
      help: 'install nftables or iptables',
    };
  }
  const reasons = missing.map(({ reason }) => reason).join('; ');
  return { state: 'unavailable', reason: `the packet filter rules could not be read: ${reasons}` };
}

function needsRoot(result: RunResult): Looked<Rulesets> {
  if (result.outcome === 'not-recorded') {
    return { state: 'unavailable', reason: 'the recording does not hold the packet filter rules' };
  }
  return {
    state: 'unavailable',
    reason: 'reading the packet filter rules needs root',
    help: 'run it again with sudo',
    denied: true,
  };
}

function order({ format, backend }: RulesetListing): number {
  return ['nft-json', 'iptables-save', 'ip6tables-save'].indexOf(format) + (backend === 'legacy' ? 3 : 0);
}

function countRules(text: string): number {
  return (text.match(/^(?:\[\d+:\d+\] )?-A |\{"rule": ?\{/gmu) ?? []).length;
}
