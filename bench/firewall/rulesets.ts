import type { RulesetInput } from '../../src/firewall/index.ts';

export const SHAPES = ['iptables', 'nft', 'blocklist', 'kubernetes', 'ladder', 'pairs'] as const;
export type Shape = (typeof SHAPES)[number];

function address(i: number): string {
  return `${1 + (i % 9)}.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
}

/** A chain of `n` rules of which none matches, and then the policy that drops. */
function iptables(n: number): string {
  const lines = ['*filter', ':INPUT DROP [0:0]', ':FORWARD ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]'];
  for (let i = 0; i < n; i++) {
    const extra = i % 4 === 0 ? ' -p tcp -m tcp --dport 11434 -m conntrack --ctstate NEW' : '';
    lines.push(`[0:0] -A INPUT -s ${address(i)}/32${extra} -j ${i % 3 === 0 ? 'ACCEPT' : 'DROP'}`);
  }
  return [...lines, 'COMMIT', ''].join('\n');
}

/** Rules spread over service chains of ten, a jump to each, as kube-proxy has them. */
function kubernetes(n: number): string {
  const head = ['*filter', ':INPUT DROP [0:0]', ':OUTPUT ACCEPT [0:0]'];
  const rules: string[] = [];
  for (let i = 0; i < n / 10; i++) {
    head.push(`:KUBE-SVC-${i} - [0:0]`);
    rules.push(`[0:0] -A INPUT -p tcp -m comment --comment "ns/service-${i}" -j KUBE-SVC-${i}`);
    for (let k = 0; k < 9; k++)
      rules.push(
        `[0:0] -A KUBE-SVC-${i} -d 10.96.${i & 255}.${k}/32 -p tcp -m tcp --dport ${8000 + k} -j ACCEPT`,
      );
  }
  return [...head, ...rules, 'COMMIT', ''].join('\n');
}

/** Chains that jump on and on, sixteen deep, which is as deep as the kernel goes. */
function ladder(n: number): string {
  const head = ['*filter', ':INPUT DROP [0:0]', ':OUTPUT ACCEPT [0:0]'];
  const rules: string[] = [];
  for (let i = 0; i < n / 16; i++) {
    rules.push(`[0:0] -A INPUT -i br-+ -j L${i}-1`);
    for (let k = 1; k < 16; k++) {
      head.push(`:L${i}-${k} - [0:0]`);
      rules.push(`[0:0] -A L${i}-${k} ${k < 15 ? `-j L${i}-${k + 1}` : '-s 10.0.0.0/8 -j ACCEPT'}`);
    }
  }
  return [...head, ...rules, 'COMMIT', ''].join('\n');
}

const CHAIN = {
  chain: {
    family: 'inet',
    table: 't',
    name: 'input',
    handle: 1,
    type: 'filter',
    hook: 'input',
    prio: 0,
    policy: 'drop',
  },
};

function nft(n: number): string {
  const saddr = { payload: { protocol: 'ip', field: 'saddr' } };
  const dport = { match: { op: '==', left: { payload: { protocol: 'tcp', field: 'dport' } }, right: 11434 } };
  const rules = Array.from({ length: n }, (_, i) => ({
    rule: {
      family: 'inet',
      table: 't',
      chain: 'input',
      handle: i + 2,
      expr: [
        { match: { op: '==', left: saddr, right: address(i) } },
        dport,
        { counter: { packets: 0, bytes: 0 } },
        { accept: null },
      ],
    },
  })); // prettier-ignore
  return JSON.stringify({
    nftables: [
      { metainfo: { json_schema_version: 1 } },
      { table: { family: 'inet', name: 't', handle: 1 } },
      CHAIN,
      ...rules,
    ],
  });
}

/** One rule and a set of `n` addresses. */
function blocklist(n: number): string {
  const elem = Array.from({ length: n }, (_, i) =>
    i % 2 === 0
      ? address(i)
      : { prefix: { addr: `${10 + (i % 90)}.${(i >> 8) & 255}.${i & 255}.0`, len: 24 } },
  );
  const set = {
    set: { family: 'inet', name: 'bl', table: 't', type: 'ipv4_addr', handle: 9, flags: ['interval'], elem },
  };
  const rule = {
    rule: {
      family: 'inet',
      table: 't',
      chain: 'input',
      handle: 3,
      expr: [
        { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: '@bl' } },
        { drop: null },
      ],
    },
  };
  return JSON.stringify({
    nftables: [
      { metainfo: { json_schema_version: 1 } },
      { table: { family: 'inet', name: 't', handle: 1 } },
      set,
      CHAIN,
      rule,
    ],
  });
}

/** One verdict map of `n` pairs of address and port, as ingress controllers and Docker's nftables back end have them. */
function pairs(n: number): string {
  const at = { family: 'inet', table: 't' };
  const elem = Array.from({ length: n }, (_, i) => [
    { concat: [address(i), 1 + (i % 60_000)] },
    { accept: null },
  ]);
  const type = ['ipv4_addr', 'inet_service'];
  const map = { map: { ...at, name: 'm', type, map: 'verdict', handle: 9, elem } };
  const fields = [
    { payload: { protocol: 'ip', field: 'saddr' } },
    { payload: { protocol: 'tcp', field: 'dport' } },
  ];
  const expr = [{ vmap: { key: { concat: fields }, data: '@m' } }];
  const rule = { rule: { ...at, chain: 'input', handle: 3, expr } };
  return JSON.stringify({
    nftables: [{ table: { family: 'inet', name: 't', handle: 1 } }, map, CHAIN, rule],
  });
}

/** A ruleset of that shape with `n` rules, pairs or addresses, of which none concerns the packet asked about. */
export function ruleset(shape: Shape, n: number): RulesetInput {
  if (shape === 'iptables') return { format: 'iptables-save', text: iptables(n) };
  if (shape === 'ladder') return { format: 'iptables-save', text: ladder(n) };
  if (shape === 'pairs') return { format: 'nft-json', text: pairs(n) };
  if (shape === 'kubernetes') return { format: 'iptables-save', text: kubernetes(n) };
  return { format: 'nft-json', text: shape === 'nft' ? nft(n) : blocklist(n) };
}
