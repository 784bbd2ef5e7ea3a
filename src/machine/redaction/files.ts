import { redactEnvironmentFile } from './assignments.ts';
import { cutProcessArguments } from './commands.ts';
import { pick } from './json.ts';
import { redactLog } from './log-lines.ts';
import { isReadName, withoutCredentials } from './names.ts';
import { redactUnitFile } from './unit-file.ts';
import { cutCredentials } from './urls.ts';

interface Rule {
  path: RegExp;
  redact(text: string): string;
}

/** What is kept of which file; the first rule that fits holds. */
const rules: readonly Rule[] = [
  { path: /^\/proc\/(?:\d+|self)\/environ$/u, redact: redactProcessEnvironment },
  { path: /^\/proc\/(?:\d+|self)\/cmdline$/u, redact: cutProcessArguments },
  // Network, rulesets and names: nothing can be diagnosed without them, and they hold no secrets.
  {
    path: /^\/(?:proc|sys)\/|^\/etc\/(?:hosts|hostname|resolv\.conf|nsswitch\.conf|os-release|debian_version|NIXOS)$|^\/usr\/lib\/os-release$/u,
    redact: cutCredentials,
  },
  {
    path: /\/(?:iptables|ufw|firewalld|nftables|netfilter-persistent)(?:\/|$)|\/(?:ip6?tables|nftables)[^/]*$|\.(?:rules|nft)$|rules\.v[46]$/u,
    redact: cutCredentials,
  },
  { path: /(?:^|[/\\])\.wslconfig$|^\/etc\/wsl\.conf$/u, redact: cutCredentials },
  {
    path: /[/\\]contexts[/\\]meta[/\\][^/\\]+[/\\]meta\.json$/u,
    redact: (text) => pickJson(text, dockerContext),
  },
  { path: /^\/etc\/containers\/networks\/[^/]+\.json$/u, redact: (text) => pickJson(text, podmanNetwork) },
  { path: /compose[^/]*\.ya?ml$/u, redact: redactCompose },
  { path: /\/ollama-doctor\/receipts\/[^/]+\/journal\.jsonl$/u, redact: redactJournal },
  { path: /[/\\]config\.json$/u, redact: (text) => pickJson(text, { currentContext: true }) },
  { path: /[/\\]daemon\.json$/u, redact: (text) => pickJson(text, dockerDaemon) },
  // runit's folder of variables: one file each, which holds the value alone (chpst(8), -e).
  { path: /\/env\/OLLAMA_(?:HOST|ORIGINS|MODELS)$/u, redact: withoutCredentials },
  { path: /\.log$/u, redact: redactLog },
  {
    path: /\.(?:service|socket|timer|container|pod|network)$|\.(?:service|socket|container)\.d\/[^/]+$/u,
    redact: redactUnitFile,
  },
];

const dockerContext = { Name: true, Endpoints: { docker: { Host: true } } } as const;

const podmanNetwork = { name: true, network_interface: true, subnets: { subnet: true } } as const;

/** Of a journal of ours which commands made a change, without the bytes of files. */
const journalLine = {
  entry: true,
  journalVersion: true,
  receipt: true,
  at: true,
  recipes: true,
  step: true,
  change: { kind: true, apply: true },
} as const;

const dockerDaemon = {
  'host-gateway-ip': true,
  'host-gateway-ips': true,
  'default-address-pools': true,
  'firewall-backend': true,
  bip: true,
  bridge: true,
  hosts: true,
  iptables: true,
  ip6tables: true,
  ipv6: true,
} as const;

/** The text of a file without what may be secret in it. A file of unknown kind is taken for `NAME=VALUE` lines. */
export function redactFile(path: string, text: string): string {
  const rule = rules.find((one) => one.path.test(path));
  return rule === undefined ? redactEnvironmentFile(text) : rule.redact(text);
}

/** /proc/PID/environ: `NAME=VALUE` with NUL behind every one (proc(5)). */
function redactProcessEnvironment(text: string): string {
  const kept = text
    .split('\0')
    .filter((entry) => isReadName(entry.slice(0, Math.max(0, entry.indexOf('=')))));
  return kept.map((entry) => `${withoutCredentials(entry)}\0`).join('');
}

function pickJson(text: string, shape: Parameters<typeof pick>[1]): string {
  try {
    return cutCredentials(JSON.stringify(pick(JSON.parse(text), shape)) ?? '');
  } catch {
    // Not JSON; whoever reads it finds no JSON either.
    return '';
  }
}

function redactJournal(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : pickJson(line, journalLine)))
    .join('\n');
}

/** Which subnets a compose file gives its networks. */
function redactCompose(text: string): string {
  return text
    .split('\n')
    .map((line) => (/^\s*(?:-?\s*subnet|include):/u.test(line) ? cutCredentials(line) : ''))
    .join('\n');
}
