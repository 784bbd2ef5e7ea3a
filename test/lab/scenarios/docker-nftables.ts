/** A bridge network of Docker's as its nftables back end knows it. */
export interface Published {
  bridge: string;
  subnet: string;
  /** The container's address, the port that it publishes and its own. */
  address: string;
  hostPort: number;
  containerPort: number;
}

/**
 * A script for nft that lays what Docker 29 does with `firewall-backend: nftables` for one network with one published
 * port (moby, integration/network/bridge/nftablesdoc, "Container on a user-defined network, with a published port").
 * Debian's Docker is older: here it lays no rules (`iptables: false`), and these are its rules to be.
 */
export function dockerNftables({ bridge, subnet, address, hostPort, containerPort }: Published): string {
  return `table ip docker-bridges {
  map filter-forward-in-jumps {
    type ifname : verdict
    elements = { "${bridge}" : jump filter-forward-in__${bridge} }
  }
  map filter-forward-out-jumps {
    type ifname : verdict
    elements = { "${bridge}" : jump filter-forward-out__${bridge} }
  }
  map nat-postrouting-out-jumps {
    type ifname : verdict
    elements = { "${bridge}" : jump nat-postrouting-out__${bridge} }
  }
  chain filter-FORWARD {
    type filter hook forward priority filter; policy accept;
    oifname vmap @filter-forward-in-jumps
    iifname vmap @filter-forward-out-jumps
  }
  chain nat-OUTPUT {
    type nat hook output priority -100; policy accept;
    ip daddr != 127.0.0.0/8 fib daddr type local counter jump nat-prerouting-and-output
  }
  chain nat-POSTROUTING {
    type nat hook postrouting priority srcnat; policy accept;
    iifname vmap @nat-postrouting-out-jumps
  }
  chain nat-PREROUTING {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local counter jump nat-prerouting-and-output
  }
  chain nat-prerouting-and-output {
    iifname != "${bridge}" tcp dport ${hostPort} counter dnat to ${address}:${containerPort} comment "DNAT"
  }
  chain raw-PREROUTING {
    type filter hook prerouting priority raw; policy accept;
    ip daddr ${address} iifname != "${bridge}" counter drop comment "DROP DIRECT ACCESS"
  }
  chain filter-forward-in__${bridge} {
    ct state established,related counter accept
    iifname "${bridge}" counter accept comment "ICC"
    ip daddr ${address} tcp dport ${containerPort} counter accept
    counter drop comment "UNPUBLISHED PORT DROP"
  }
  chain filter-forward-out__${bridge} {
    ct state established,related counter accept
    counter accept comment "OUTGOING"
  }
  chain nat-postrouting-out__${bridge} {
    oifname != "${bridge}" ip saddr ${subnet} counter masquerade comment "MASQUERADE"
  }
}
`;
}
