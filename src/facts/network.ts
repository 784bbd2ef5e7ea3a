/** A TCP listener of this host. Filled by a platform. */
export interface Listener {
  /** `127.0.0.1`, `::`, `172.17.0.1`: without brackets and zone. */
  address: string;
  port: number;
  family: 4 | 6;
  /**
   * True for `0.0.0.0` and `::`. A `::` listener also takes IPv4 unless `v6only` (Go and most servers make it so; a
   * wildcard Ollama appears in the IPv6 table alone).
   */
  wildcard: boolean;
  /** True when it is known to take IPv6 only. */
  v6only: boolean;
  process?: { pid: number; name: string; commandLine?: string };
  /** The uid that owns the socket (Linux: /proc/net/tcp). */
  uid?: number;
}

export interface Listeners {
  listeners: Listener[];
  /** False when the owning processes could not be read (no root). */
  ownersKnown: boolean;
}

export interface InterfaceAddress {
  interface: string;
  address: string;
  prefixLength: number;
  scope: 'global' | 'link' | 'host' | 'site';
  up: boolean;
}

export interface Route {
  /** `default` or a prefix such as `172.18.0.0/16`. */
  destination: string;
  interface: string;
  gateway?: string;
  family: 4 | 6;
}

export interface HostNetwork {
  addresses: InterfaceAddress[];
  routes: Route[];
  /** Ports of each bridge: `{"br-1a2b": ["veth0"]}`. */
  bridgePorts: Record<string, string[]>;
  /** Values of the sysctls that decide about a packet: `net.ipv4.conf.all.rp_filter` and the like. */
  sysctls: Record<string, string>;
}

/** A listing of a ruleset as the firewall engine takes it, with how it was got. */
export interface RulesetListing {
  format: 'iptables-save' | 'ip6tables-save' | 'nft-json';
  backend?: 'nft' | 'legacy';
  text: string;
  /** The command, for evidence. */
  source: string;
}

export interface Rulesets {
  listings: RulesetListing[];
  /** Listings that should have been read and could not be, with the reason; a verdict is then a guess. */
  missing: { source: string; reason: string }[];
}

/** What may stop a packet and is in no listing of rules. Filled by a platform. */
export interface Bystanders {
  found: { source: string; text: string }[];
}

/** A program that makes all rules of a host from a configuration of its own, and would make them again over an edit. */
export type RuleGenerator = 'ferm' | 'firehol' | 'shorewall' | 'shorewall-lite' | 'csf' | 'awall';

/** Who keeps the packet filter's rules, and what loads them at boot. */
export interface FirewallOwnership {
  owner:
    | 'ufw'
    | 'firewalld'
    | 'nftables-service'
    | 'netfilter-persistent'
    | 'iptables-services'
    | 'nixos'
    /** By the program that `generator` names. */
    | 'generated'
    | 'nobody';
  generator?: RuleGenerator;
  /** Files that are loaded at boot, for IPv4 and IPv6, where the owner keeps plain rules. */
  savedFiles: { family: 4 | 6; path: string; exists: boolean; text?: string; readable: boolean }[];
  /** True when a unit that loads those files is enabled. */
  loadsAtBoot: boolean;
  /**
   * The script that nftables.service loads, and what it will have made after a boot, as `nft -j list ruleset` would
   * show it; or why that is not known.
   */
  script?: {
    path: string;
    /** The script and all that it includes. */
    files?: { path: string; text: string }[];
    listing?: string;
    problem?: string;
  };
  /** Rules of ours that a front end keeps (ufw, firewalld); absent where that is not known. */
  ownRules?: OwnRule[];
  /** Ports that a rule of ours keeps shut by way of a front end. */
  guarded?: number[];
  /** True where ufw is installed, on or not: Debian would remove it for iptables-persistent. */
  ufwInstalled?: boolean;
  /** Names of firewalld's zones; absent where they are not known. */
  zones?: string[];
  /** firewalld's rules that are in force and not kept: `zone public: port 11434/tcp`. Absent where that is not known. */
  liveOnly?: string[];
  /** The unit or command that shows it, for evidence: `netfilter-persistent.service enabled`. */
  source: string;
}

/** A rule by which an earlier fix lets a subnet in, and one place where it stands. */
export interface OwnRule {
  subnet: string;
  port: number;
  place: OwnPlace;
  /** As the place has it. */
  text: string;
  /** What takes its place where it goes: a rule that drops what comes from anywhere but the subnet also shuts the port. */
  instead?: string;
}

type OwnPlace =
  | {
      kind: 'iptables';
      family: 4 | 6;
      backend: 'nft' | 'legacy';
      table: string;
      chain: string;
      /** From 1. */
      position: number;
    }
  | { kind: 'nft'; family: string; table: string; chain: string; position: number; handle: number }
  /** In the table that guards the port, which is loaded from a file of ours. */
  | { kind: 'guard' }
  /** In a file that is loaded at boot. */
  | { kind: 'file'; path: string }
  | { kind: 'ufw' }
  | { kind: 'firewalld'; at: 'zone' | 'policy'; zone: string; kept: boolean };
