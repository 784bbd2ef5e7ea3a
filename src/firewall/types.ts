/** One listing of rules as a tool printed it. An absent `backend` is worked out from the text. */
export interface RulesetInput {
  format: 'iptables-save' | 'ip6tables-save' | 'nft-json';
  backend?: 'nft' | 'legacy' | undefined;
  text: string;
}

/** The first SYN of a new TCP connection to an address of this host, as it arrives. */
export interface Packet {
  inInterface: string;
  source: string;
  destination: string;
  destinationPort: number;
  sourcePort?: number | undefined;
  sourceMac?: string | undefined;
  ttl?: number | undefined;
  /** Length of the IP packet in bytes, headers included. */
  length?: number | undefined;
  /** The port of the bridge `inInterface` by which the frame came in (the veth). */
  bridgePort?: string | undefined;
}

export interface HostAddress {
  interface: string;
  address: string;
  prefixLength: number;
}

export interface HostRoute {
  /** `default`, or an address with or without a prefix length. */
  destination: string;
  interface: string;
  gateway?: string | undefined;
}

export interface HostFacts {
  addresses: readonly HostAddress[];
  /** Absent: only what follows from the addresses is known, and the rest goes back the way it came. */
  routes?: readonly HostRoute[] | undefined;
  bridgePorts?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Absent ones are the kernel's defaults. */
  sysctls?: Readonly<Record<string, string>> | undefined;
}

export interface DecideInput {
  rulesets: readonly RulesetInput[];
  packet: Packet;
  host: HostFacts;
}

export type Verdict = 'accept' | 'drop' | 'reject' | 'unknown';
export type Seen =
  | 'connected'
  | 'refused'
  | 'host-unreachable'
  | 'network-unreachable'
  | 'timeout'
  | 'unknown';
export type Backend = 'nft' | 'legacy';
export type Family = 'ip' | 'ip6' | 'inet' | 'bridge' | 'netdev' | 'arp';
export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress';

/** Where a rule (or, with `rule: null`, a chain's policy) stands, and what it says. */
export interface RuleReference {
  backend: Backend;
  family: Family;
  table: string;
  hook: Hook;
  chain: string;
  /** Counted from 1 within its chain; null is the policy of the base chain. */
  rule: number | null;
  handle?: number;
  /** The iptables line, or the rule in nft's own words. */
  text: string;
  /** The rule's own counters in the listing, where it has them. */
  packets?: number;
  bytes?: number;
}

export interface RoutingReason {
  reason: 'rp-filter' | 'martian' | 'no-route';
}

/** One step of the way to the verdict: a jump that led on, or what ended a base chain. */
export interface TraceStep extends RuleReference {
  action: 'jump' | 'goto' | 'accept' | 'drop' | 'reject' | 'nat' | 'queue' | 'open' | 'continue';
  /** The chain jumped to, or where an address translation sends the packet. */
  target?: string;
}

export interface Decision {
  verdict: Verdict;
  seen: Seen;
  decidedBy: RuleReference | RoutingReason | null;
  /** Rules with a rate match that was decided for the first packet of a fresh state. */
  dependsOnRate: string[];
  notes: string[];
  /** What could not be decided, rule by rule. */
  unknown: string[];
  /** Where the verdict is `unknown` and yet no way lets the packet in: what each comes to, once each. */
  either?: Pick<Decision, 'verdict' | 'seen' | 'decidedBy'>[];
  trace: TraceStep[];
}
