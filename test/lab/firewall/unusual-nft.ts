/** A ruleset of nft with one rule that is seldom met. */
interface UnusualNft {
  readonly name: string;
  readonly text: string;
}

const list = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim()); // prettier-ignore

/** Expressions, each tried with `drop`. */
const EXPRESSIONS = list(`
  meta length 60
  meta length != 60
  meta length 60-80
  meta length { 60, 80 }
  meta length > 60
  meta protocol ip
  meta protocol { ip, arp }
  meta protocol != ip6
  meta nfproto ipv4
  meta nfproto != ipv4
  meta l4proto tcp
  meta l4proto { tcp, udp }
  meta l4proto != 17
  meta l4proto . th dport { tcp . 11434, udp . 53 }
  meta priority 0
  meta priority 1:1
  meta mark 0
  meta mark != 0
  meta mark & 0xff == 0
  meta mark and 0x1 != 0x1
  meta mark < 5
  meta mark { 0-3, 9 }
  meta iif "br-1a2b3c4d5e6f"
  meta iif != "br-1a2b3c4d5e6f"
  meta iif { "eth0", "docker0" }
  meta iif . tcp dport { "br-1a2b3c4d5e6f" . 11434 }
  meta iifname "br-*"
  meta iifname != "br-*"
  meta iifname { "br-1a2b3c4d5e6f", "eth0" }
  meta iifname . meta oifname { "eth0" . "docker0" }
  meta iifname != { "lo", "eth0" }
  meta iifname "veth0a1b2c3"
  meta iifname ""
  meta iifname vmap { "eth0" : continue, "docker0" : drop }
  meta iifname < "m"
  meta oifname "eth0"
  meta oifname != "eth0"
  meta oifname "br-*"
  meta oif 0
  meta oif "lo"
  meta iiftype ether
  meta iiftype loopback
  meta iiftype != ether
  meta oiftype ether
  meta iifgroup 0
  meta iifgroup default
  meta iifgroup != 5
  meta oifgroup 0
  meta iifkind "bridge"
  meta iifkind "veth"
  meta oifkind "bridge"
  meta skuid 0
  meta skuid != 0
  meta skuid < 1000
  meta skgid 0
  meta nftrace 1
  meta nftrace 0
  meta rtclassid 0
  meta rtclassid 3
  meta pkttype host
  meta pkttype != host
  meta pkttype { broadcast, multicast }
  meta cpu 0
  meta cpu != 0
  meta cpu < 2
  meta cpu >= 0
  meta cgroup 0
  meta cgroup 1048577
  meta random 0
  meta random < 1
  meta random >= 0
  meta ipsec exists
  meta ipsec missing
  meta secpath exists
  meta time > "2001-01-01 00:00:00"
  meta time < "2001-01-01 00:00:00"
  meta time "2001-01-01"-"2002-01-01"
  meta day "Monday"
  meta day { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" }
  meta day 0-6
  meta hour "00:00"-"23:59"
  meta hour < "00:00"
  meta sdif 0
  meta sdifname "x"
  meta broute 1
  meta ibrname "br-1a2b3c4d5e6f"
  meta ibrname != "br-1a2b3c4d5e6f"
  meta obrname "br-1a2b3c4d5e6f"
  meta ibrpvid 1
  meta ibrvproto 8021q
  ct state new
  ct state != new
  ct state { established, related }
  ct state established,related
  ct state invalid
  ct state untracked
  ct state new,untracked
  ct state vmap { new : drop, established : accept }
  ct state . ct direction { new . original }
  ct direction original
  ct direction != original
  ct direction reply
  ct status expected
  ct status != expected
  ct status dnat
  ct status snat,dnat
  ct status ! dnat
  ct status confirmed
  ct status seen-reply
  ct status assured
  ct mark 0
  ct mark != 0
  ct mark & 0xf == 0
  ct mark 0-10
  ct expiration > 1s
  ct expiration < 1s
  ct expiration 30s
  ct expiration 1s-1d
  ct helper "ftp"
  ct helper != "ftp"
  ct label 3
  ct label != 3
  ct zone 0
  ct zone != 0
  ct original zone 0
  ct original saddr 172.18.0.2
  ct original ip saddr 172.18.0.2
  ct original ip saddr != 172.18.0.2
  ct original ip6 saddr fd00:18::2
  ct reply ip saddr 172.18.0.1
  ct reply ip daddr 172.16.0.0/12
  ct original ip daddr { 172.18.0.1, 172.17.0.1 }
  meta l4proto tcp ct original proto-dst 11434
  meta l4proto tcp ct reply proto-src 11434
  meta l4proto tcp ct reply proto-dst < 30000
  ct original protocol tcp
  ct original l3proto ipv4
  ct original packets 0
  ct original packets > 0
  ct reply packets 0
  ct original bytes < 1000
  ct bytes > 10
  ct packets < 5
  ct avgpkt > 1
  ct original avgpkt 0-10000
  ct id 1
  ct id != 1
  ct secmark 0
  ct event new
  ct l3proto ipv4
  ct count 1
  ct count over 1
  ct count over 0
  limit rate 1/second
  limit rate over 1/second
  limit rate 1/day burst 1 packets
  limit rate over 10/minute burst 5 packets
  limit rate 10 bytes/second
  limit rate 10 bytes/second burst 20 bytes
  limit rate over 10 bytes/second burst 20 bytes
  limit rate 1 mbytes/second
  limit name "lim"
  limit name tcp dport map { 11434 : "lim", 22 : "limover" }
  quota 10 bytes
  quota over 10 bytes
  quota until 59 bytes
  quota over 79 bytes
  quota name "q"
  quota over 100 kbytes
  counter
  counter name "cnt"
  counter name tcp dport map { 11434 : "cnt" }
  last
  log
  log prefix "drop " level debug flags all
  log group 5 snaplen 10 queue-threshold 3
  fib saddr type unicast
  fib saddr type local
  fib daddr type local
  fib daddr type != local
  fib daddr type { local, broadcast }
  fib daddr type { unicast, multicast, anycast }
  fib daddr . iif type local
  fib daddr . iif type != local
  fib daddr . mark type local
  fib daddr . oif type local
  fib saddr . iif oif exists
  fib saddr . iif oif missing
  fib saddr . iif oif eq 0
  fib saddr . iif oifname "br-1a2b3c4d5e6f"
  fib saddr oif "br-1a2b3c4d5e6f"
  fib saddr oif != "br-1a2b3c4d5e6f"
  fib saddr oifname != "eth0"
  fib saddr oif exists
  fib daddr oif exists
  fib daddr oif missing
  fib daddr oif "lo"
  fib daddr oifname "lo"
  fib saddr . mark oif missing
  fib saddr . mark . iif oif missing
  fib daddr check exists
  fib daddr type vmap { local : drop, broadcast : accept }
  socket transparent 1
  socket transparent 0
  socket mark 0
  socket mark != 1
  socket wildcard 0
  socket wildcard 1
  socket cgroupv2 level 1 "x"
  rt classid 0
  rt nexthop 172.18.0.2
  rt ip nexthop 172.18.0.2
  rt ip nexthop != 172.18.0.9
  rt mtu 1500
  rt mtu > 100
  rt ipsec exists
  rt ipsec missing
  numgen inc mod 2 0
  numgen inc mod 2 1
  numgen inc mod 2 offset 5 5
  numgen inc mod 4 vmap { 0 : drop, 1-3 : accept }
  numgen random mod 2 0
  numgen random mod 1 0
  numgen random mod 10 < 10
  numgen random mod 10 vmap { 0-9 : drop }
  jhash ip saddr mod 2 0
  jhash ip saddr mod 1 0
  jhash ip saddr . tcp dport mod 2 seed 0xdeadbeef offset 4 5
  jhash ip saddr mod 2 vmap { 0 : drop, 1 : accept }
  symhash mod 2 0
  symhash mod 1 0
  osf name "Linux"
  osf name != "Linux"
  osf ttl skip name "Windows"
  ipsec in reqid 1
  ipsec in spi 1
  ipsec out reqid 1
  ipsec in ip saddr 172.18.0.2
  exthdr hbh exists
  exthdr hbh missing
  exthdr frag exists
  exthdr rt missing
  exthdr dst exists
  exthdr mh missing
  hbh nexthdr 6
  rt type 0
  rt0 addr[1] fd00::1
  rt seg-left > 0
  frag id 1
  frag frag-off 0
  frag more-fragments 0
  dst hdrlength 1
  mh type 1
  srh flags 0
  srh sid[1] fd00::1
  tcp option maxseg size 1460
  tcp option maxseg size < 1000
  tcp option maxseg exists
  tcp option maxseg missing
  tcp option sack-perm exists
  tcp option sack exists
  tcp option timestamp exists
  tcp option window count 7
  tcp option window exists
  tcp option fastopen exists
  tcp option md5sig missing
  tcp option mptcp exists
  tcp option mptcp subtype mp-capable
  tcp option eol exists
  tcp option nop exists
  tcp option 99 missing
  tcp option @2,16,16 1460
  ip option rr exists
  ip option rr missing
  ip option lsrr exists
  ip option ra value 1
  ip option ssrr type 137
  tcp flags syn
  tcp flags == syn
  tcp flags != syn
  tcp flags syn,ack
  tcp flags & (fin|syn|rst|ack) == syn
  tcp flags & (syn|ack) != syn
  tcp flags & syn != 0
  tcp flags ! syn,rst
  tcp flags ! fin,rst
  tcp flags syn / fin,syn,rst,ack
  tcp flags != syn / fin,syn,rst,ack
  tcp flags { syn, syn|ack }
  tcp flags & (fin|syn) == (fin|syn)
  tcp flags & (syn|rst) == 0
  tcp flags 0x2
  tcp flags > 1
  tcp flags vmap { syn : drop, ack : accept }
  tcp sequence 1000
  tcp sequence 0-2000
  tcp ackseq 0
  tcp ackseq != 0
  tcp doff 10
  tcp doff > 5
  tcp reserved 0
  tcp window 64240
  tcp window > 1
  tcp checksum 0
  tcp urgptr 0
  tcp urgptr != 0
  tcp sport 30000-40000
  tcp sport . tcp dport { 30000-40000 . 11434 }
  tcp dport 11434-11440
  tcp dport != 11434
  tcp dport { 22, 11434 }
  tcp dport != { 22, 80 }
  tcp dport < 1024
  tcp dport >= 11434
  tcp dport & 0xff00 == 0x2c00
  tcp dport & 1 == 0
  tcp dport ssh
  th dport 11434
  th sport > 1
  th dport . ip saddr { 11434 . 172.18.0.0/16 }
  @th,16,16 11434
  @th,0,16 > 1000
  @th,16,16 { 22, 11434 }
  @th,106,1 1
  @th,104,8 & 2 == 2
  @th,96,4 10
  @nh,0,4 4
  @nh,72,8 6
  @nh,96,32 0xac120002
  @nh,64,8 64
  @nh,8,8 0
  @ll,0,48 0x020000000099
  @ll,48,48 0x020000000099
  @ll,96,16 0x0800
  @ih,0,32 0
  ip version 4
  ip hdrlength 5
  ip dscp 0
  ip dscp cs0
  ip dscp != ef
  ip dscp { af11, ef, cs0 }
  ip ecn not-ect
  ip ecn ce
  ip ecn != ect0
  ip length 60
  ip length > 60
  ip id 1
  ip id != 1
  ip frag-off 0
  ip frag-off & 0x1fff == 0
  ip frag-off & 0x1fff != 0
  ip frag-off & 0x4000 == 0x4000
  ip frag-off & 0x2000 == 0
  ip ttl 64
  ip ttl < 64
  ip ttl >= 63
  ip ttl { 63, 65 }
  ip protocol tcp
  ip protocol { tcp, udp }
  ip protocol != udp
  ip protocol vmap { tcp : drop, udp : accept }
  ip checksum 0
  ip checksum != 0
  ip saddr 172.18.0.2
  ip saddr 172.18.0.0/16
  ip saddr != 172.18.0.0/16
  ip saddr 172.18.0.1-172.18.0.99
  ip saddr != 172.18.0.1-172.18.0.99
  ip saddr { 172.18.0.0/16, 10.0.0.0/8 }
  ip saddr & 255.255.0.0 == 172.18.0.0
  ip saddr & 0.0.0.255 == 0.0.0.2
  ip saddr & 0.0.0.255 < 0.0.0.50
  ip saddr > 172.18.0.1
  ip saddr @s4
  ip saddr != @s4
  ip saddr @iv4
  ip saddr . tcp dport @cc
  ip saddr . tcp dport @ci
  ip saddr . ip daddr { 172.18.0.2 . 172.18.0.1, 192.0.2.0/24 . 192.0.2.10 }
  ip saddr . meta iifname { 172.18.0.2 . "br-1a2b3c4d5e6f" }
  ip saddr . meta mark { 172.18.0.2 . 0 }
  ip saddr @timeouts
  ip saddr vmap { 172.18.0.0/16 : drop, 192.0.0.0/8 : accept }
  ip saddr vmap @vm4
  ip saddr . tcp dport vmap { 172.18.0.2 . 11434 : drop }
  ip saddr { 0.0.0.0/0 }
  ip saddr @empty
  ip saddr != @empty
  tcp dport @ports
  tcp dport vmap @vports
  tcp dport vmap { 22 : accept, 11400-11500 : jump c2, * : drop }
  tcp dport vmap { 1-65535 : goto c2 }
  tcp dport vmap { 11434 : return }
  tcp dport map { 11434 : 22, 22 : 80 } 22
  tcp dport map { 11434 : 22, 22 : 80 } != 22
  ip saddr map { 172.18.0.2 : 172.18.0.1 } 172.18.0.1
  ip saddr map { 172.18.0.2 : 172.18.0.1 } == ip daddr
  ip saddr == ip daddr
  ip6 version 6
  ip6 dscp 0
  ip6 ecn not-ect
  ip6 flowlabel 0
  ip6 flowlabel != 0
  ip6 length 40
  ip6 length > 39
  ip6 nexthdr tcp
  ip6 nexthdr != udp
  ip6 nexthdr { tcp, icmpv6 }
  ip6 hoplimit 64
  ip6 hoplimit < 64
  ip6 saddr fd00:18::2
  ip6 saddr fd00:18::/64
  ip6 saddr != fd00:18::/64
  ip6 saddr fd00:18::1-fd00:18::99
  ip6 saddr & ffff:: == fd00::
  ip6 saddr & ::ffff == ::2
  ip6 saddr and ::00ff == ::2
  ip6 saddr @s6
  ip6 saddr { fd00::/8, fe80::/10 }
  ip6 saddr . tcp dport { fd00:18::2 . 11434 }
  ip6 saddr vmap { fd00:18::/64 : drop }
  icmp type echo-request
  icmp type != echo-request
  icmp code 0
  icmpv6 type nd-neighbor-solicit
  icmpv6 type != echo-request
  icmpv6 code 0
  igmp type membership-query
  udp dport 11434
  udp dport != 53
  udplite dport 11434
  sctp dport 11434
  sctp chunk init exists
  dccp dport 11434
  dccp type request
  ah spi 1
  esp spi 1
  esp spi != 1
  comp cpi 1
  arp operation request
  arp htype 1
  ether saddr 02:00:00:00:00:99
  ether saddr != 02:00:00:00:00:99
  ether saddr { 02:00:00:00:00:99, 02:00:00:00:00:98 }
  ether saddr . ip saddr { 02:00:00:00:00:99 . 172.18.0.2 }
  ether saddr & ff:ff:ff:00:00:00 == 02:00:00:00:00:00
  ether daddr ff:ff:ff:ff:ff:ff
  ether daddr != ff:ff:ff:ff:ff:ff
  ether daddr & 01:00:00:00:00:00 == 0
  ether type ip
  ether type != ip6
  ether type { ip, ip6 }
  ether type vlan
  vlan id 1
  vlan type ip
  vlan pcp 0
  gre protocol 0
  vxlan vni 1
  geneve vni 1
  gretap ip saddr 172.18.0.2
  xt comment
`);

/** Rules in place of `EXPRESSION drop`, in a chain of type filter. */
const STATEMENTS = list(`
  reject
  reject with tcp reset
  reject with icmp type port-unreachable
  reject with icmp type net-unreachable
  reject with icmp type host-unreachable
  reject with icmp type prot-unreachable
  reject with icmp type net-prohibited
  reject with icmp type host-prohibited
  reject with icmp type admin-prohibited
  reject with icmpv6 type no-route
  reject with icmpv6 type admin-prohibited
  reject with icmpv6 type addr-unreachable
  reject with icmpv6 type port-unreachable
  reject with icmpv6 type policy-fail
  reject with icmpv6 type reject-route
  reject with icmpx type port-unreachable
  reject with icmpx type admin-prohibited
  reject with icmpx type no-route
  reject with icmpx type host-unreachable
  meta l4proto tcp reject with tcp reset
  meta l4proto udp reject
  ip protocol tcp reject with icmp type 10
  accept
  drop
  continue
  return
  jump c2
  goto c2
  jump c3
  goto c3
  jump c3 ; drop
  goto c3 ; drop
  goto c2 ; drop
  counter queue num 9
  queue num 9 bypass
  queue num 1-3 fanout
  queue to jhash ip saddr mod 2
  tcp dport 11434 queue num 9
  meta mark set 7 ; meta mark 7 drop
  meta mark set meta mark & 0xffffff00 | 7 ; meta mark & 0xff == 7 drop
  meta mark set meta mark or 0x7 ; meta mark 7 drop
  meta mark set ip saddr map { 172.18.0.2 : 7, 10.0.0.1 : 8 } ; meta mark 7 drop
  meta mark set tcp dport ; meta mark 11434 drop
  meta mark set jhash ip saddr mod 8 ; meta mark < 8 drop
  meta mark set numgen inc mod 2 ; meta mark 0 drop
  meta mark set ip dscp ; meta mark 0 drop
  meta priority set 1:1
  meta priority set 5 ; meta priority 5 drop
  meta pkttype set host
  meta pkttype set broadcast ; meta pkttype broadcast drop
  meta nftrace set 1
  meta nftrace set 1 ; meta nftrace 1 drop
  meta secmark set "sec"
  ct mark set 7 ; ct mark 7 drop
  ct mark set meta mark
  ct mark set meta mark | 7 ; ct mark 7 drop
  meta mark set ct mark
  meta mark set ct mark | 0x3 ; meta mark 3 drop
  ct mark set mark ; ct mark 0 drop
  ct label set 3 ; ct label 3 drop
  ct zone set 7
  ct zone set 7 ; ct zone 7 drop
  ct zone set 7 ; ct state new drop
  ct original zone set 7
  ct event set new,destroy
  ct helper set "hlp"
  ct timeout set "tmo"
  ct expectation set "exp"
  notrack
  notrack ; ct state untracked drop
  notrack ; ct state new drop
  notrack ; ct mark 0 drop
  ip ttl set 10 ; ip ttl 10 drop
  ip ttl set 1
  ip dscp set ef ; ip dscp ef drop
  ip dscp set cs1 ; ip dscp 0 drop
  ip ecn set ce ; ip ecn ce drop
  ip daddr set 172.17.0.1
  ip daddr set 10.99.99.99
  ip saddr set 10.99.99.99
  ip id set 5 ; ip id 5 drop
  ip6 hoplimit set 10 ; ip6 hoplimit 10 drop
  ip6 dscp set ef ; ip6 dscp ef drop
  ip6 daddr set fd00:99::1
  tcp dport set 22
  tcp dport set 9
  tcp sport set 9
  tcp flags set ack
  tcp flags set syn | ack
  tcp window set 10 ; tcp window 10 drop
  tcp urgptr set 0
  tcp option maxseg size set 1000 ; tcp option maxseg size 1000 drop
  tcp option maxseg size set rt mtu
  reset tcp option timestamp ; tcp option timestamp exists drop
  @th,16,16 set 9
  @nh,64,8 set 10 ; ip ttl 10 drop
  ether saddr set 02:00:00:00:00:01 ; ether saddr 02:00:00:00:00:01 drop
  ether daddr set 02:00:00:00:00:01
  dup to 192.0.2.1 device "eth0"
  dup to 192.0.2.1
  dup to "eth0"
  fwd to "eth0"
  fwd to "docker0"
  fwd ip to 192.0.2.1 device "eth0"
  synproxy mss 1460 wscale 7 timestamp sack-perm
  ct state invalid,untracked synproxy mss 1460 wscale 7
  synproxy name "syn"
  meta l4proto tcp tproxy ip to 127.0.0.1:11435
  meta l4proto tcp tproxy ip6 to [::1]:11435
  meta l4proto tcp tproxy to :11435 accept
  meta l4proto tcp tproxy to :9 ; drop
  socket transparent 1 meta mark set 7 ; meta mark 7 drop
  add @dyn { ip saddr } ; ip saddr @dyn drop
  add @dyn { ip saddr timeout 5s } drop
  update @dyn { ip saddr limit rate 1/second } drop
  add @dyn { ip saddr limit rate over 1/second } drop
  add @dyn { ip saddr ct count over 0 } drop
  update @dyn { ip saddr counter } ; ip saddr @dyn drop
  delete @s4 { ip saddr } ; ip saddr @s4 drop
  delete @dyn { ip saddr } ; ip saddr @dyn accept ; drop
  add @dynport { tcp dport . ip saddr } ; tcp dport . ip saddr @dynport drop
  add @dynmap { ip saddr : 7 } ; meta mark set ip saddr map @dynmap ; meta mark 7 drop
  meter m1 { ip saddr limit rate over 1/second } drop
  meter m2 { ip saddr limit rate 1/second } drop
  meter m3 { ip saddr ct count over 0 } drop
  set add ip saddr @dyn ; ip saddr @dyn drop
  flow add @ft
  tcp dport 11434 jump { ip saddr 172.18.0.0/16 drop ; accept }
  ip saddr @gone drop
  objref
  counter packets 5 bytes 6 drop
  comment "drop" accept
  accept comment "x drop \\"y"
  masquerade
`); // prettier-ignore

const NAT = list(`
  prerouting -100 redirect
  prerouting -100 tcp dport 11434 redirect to :11435
  prerouting -100 tcp dport 11434 redirect to :80
  prerouting -100 tcp dport 11434 redirect to :11434-11436
  prerouting -100 meta l4proto tcp redirect to :11435 random
  prerouting -100 meta l4proto tcp redirect to :22 fully-random,persistent
  prerouting -100 tcp dport 11434 redirect to :tcp dport map { 11434 : 22 }
  prerouting -100 meta l4proto tcp redirect to :numgen inc mod 2 map { 0 : 22, 1 : 80 }
  prerouting -100 dnat ip to 172.17.0.1
  prerouting -100 meta l4proto tcp dnat ip to 172.17.0.1:11435
  prerouting -100 meta l4proto tcp dnat ip to 172.17.0.1:80
  prerouting -100 meta l4proto tcp dnat ip to 127.0.0.1:11434
  prerouting -100 meta l4proto tcp dnat ip to 172.17.0.5:11434
  prerouting -100 meta l4proto tcp dnat ip to 172.18.0.77:11434
  prerouting -100 dnat ip to 172.17.0.9-172.17.0.10
  prerouting -100 meta l4proto tcp dnat ip to 172.17.0.9-172.17.0.10:22-24 persistent
  prerouting -100 dnat ip to 0.0.0.0
  prerouting -100 dnat ip to 198.51.100.7
  prerouting -100 dnat ip to ip saddr map { 172.18.0.2 : 172.17.0.1, 172.17.0.5 : 192.0.2.10 }
  prerouting -100 meta l4proto tcp dnat ip addr . port to ip saddr map { 172.18.0.2 : 172.17.0.1 . 22 }
  prerouting -100 meta l4proto tcp dnat ip addr . port to tcp dport map { 11434 : 172.17.0.1 . 80 }
  prerouting -100 dnat ip to numgen inc mod 2 map { 0 : 172.17.0.1, 1 : 192.0.2.10 }
  prerouting -100 dnat ip to numgen random mod 2 map { 0 : 172.17.0.1, 1 : 192.0.2.10 }
  prerouting -100 dnat ip to jhash ip saddr mod 2 map { 0 : 172.17.0.1, 1 : 172.17.0.5 }
  prerouting -100 dnat ip prefix to ip daddr map { 172.18.0.0/24 : 172.17.0.0/24 }
  prerouting -100 dnat ip to tcp dport map @natmap
  prerouting -100 meta l4proto tcp dnat ip6 to fd00:17::1
  prerouting -100 meta l4proto tcp dnat ip6 to [fd00:17::1]:11435
  prerouting -100 meta l4proto tcp dnat ip6 to [::1]:11434
  prerouting -100 meta l4proto tcp dnat ip6 to [fd00:17::5]:11434
  prerouting -100 tcp dport 11434 dnat to :11435
  prerouting -100 meta mark 1 dnat ip to 10.1.1.1
  prerouting -100 drop
  prerouting -100 accept ; meta l4proto tcp redirect to :80
  prerouting -100 meta mark set 7
  prerouting -100 ct state new meta mark set 7
  prerouting -100 ct state invalid drop
  prerouting -100 ct status dnat drop
  prerouting -90 drop
  prerouting -190 meta l4proto tcp redirect to :80
  prerouting 50 meta l4proto tcp redirect to :11435
  input 100 snat ip to 172.17.0.9
  input 100 meta l4proto tcp snat ip to 172.17.0.9:4000
  input 100 meta l4proto tcp snat ip to 172.17.0.9-172.17.0.20:4000-4001
  input 100 snat ip to 10.99.0.9
  input 100 snat ip to 192.0.2.10
  input 100 meta l4proto tcp snat ip6 to fd00:17::80
  input 100 meta l4proto tcp snat to :4000
  input 100 drop
  input 100 accept
  input 100 ct status snat drop
  input 100 meta mark set 7
  postrouting 100 masquerade
  postrouting 100 masquerade random,fully-random
  postrouting 100 meta l4proto tcp masquerade to :1024-2048
  postrouting 100 snat ip to 192.0.2.10
  postrouting 100 oifname "br-*" masquerade
  postrouting 100 drop
  output -100 meta l4proto tcp redirect to :80
  output -100 drop
  output -100 dnat ip to 127.0.0.1
`); // prettier-ignore

const DECLARED = list(`
  set s4 { type ipv4_addr; elements = { 172.18.0.2, 10.0.0.1 }; }
  set empty { type ipv4_addr; }
  set iv4 { type ipv4_addr; flags interval; auto-merge; elements = { 172.18.0.0/24, 10.0.0.0-10.0.0.5, 192.0.2.50 }; }
  set s6 { type ipv6_addr; flags interval; elements = { fd00:18::/64 }; }
  set cc { type ipv4_addr . inet_service; elements = { 172.18.0.2 . 11434 }; }
  set ci { type ipv4_addr . inet_service; flags interval; elements = { 172.18.0.0/16 . 11400-11500, 10.0.0.0/8 . 22 }; }
  set timeouts { type ipv4_addr; flags timeout; timeout 1h; elements = { 172.18.0.2 timeout 1h comment "x", 172.17.0.5 }; }
  set ports { type inet_service; flags interval; elements = { 22, 11400-11500 }; }
  set dyn { type ipv4_addr; flags dynamic,timeout; timeout 1m; size 128; }
  set dynport { type inet_service . ipv4_addr; flags dynamic; size 128; }
  map dynmap { type ipv4_addr : mark; flags dynamic; size 128; }
  map natmap { type inet_service : ipv4_addr; elements = { 11434 : 172.17.0.1 }; }
  map vm4 { type ipv4_addr : verdict; elements = { 172.18.0.2 : drop, 10.0.0.1 : accept }; }
  map vports { type inet_service : verdict; flags interval; elements = { 11400-11500 : goto c2, 22 : accept }; }
  limit lim { rate 1/minute burst 2 packets }
  limit limover { rate over 1/minute }
  quota q { over 50 bytes }
  counter cnt { }
  synproxy syn { mss 1460; wscale 7; timestamp sack-perm; }
  ct helper hlp { type "ftp" protocol tcp; }
  ct timeout tmo { protocol tcp; l3proto ip; policy = { established: 100 }; }
  ct expectation exp { protocol tcp; dport 9; timeout 1m; size 3; l3proto ip; }
  secmark sec { "system_u:object_r:x:s0" }
`);

/** Only the objects that a rule names are declared, with what they name themselves. */
function declarationsFor(rule: string): string[] {
  return DECLARED.filter((declaration) => {
    const [kind, second, third] = declaration.split(' ');
    const name = kind === 'ct' ? third : second;
    return new RegExp(`[@"]${name}\\b`).test(rule);
  });
}

interface Where {
  readonly family: 'ip' | 'ip6' | 'inet' | 'bridge' | 'netdev';
  readonly hook: string;
  readonly priority: string;
}

function ruleset({ family, hook, priority }: Where, type: string, rule: string): string {
  const device = family === 'netdev' ? ' device "veth0a1b2c3"' : '';
  return [
    `table ${family} t {`,
    ...declarationsFor(rule).map((d) => ` ${d}`),
    ' chain c2 {',
    '  meta l4proto tcp drop',
    ' }',
    ' chain c3 {',
    '  meta l4proto tcp return',
    ' }',
    ' chain c {',
    `  type ${type} hook ${hook}${device} priority ${priority};`,
    ...rule.split(' ; ').map((line) => `  ${line}`),
    ' }',
    ...(family === 'bridge' || family === 'netdev' || hook === 'input'
      ? []
      : [' chain m {', '  type filter hook input priority 10;', '  meta mark & 0xff == 7 drop', ' }']),
    '}',
    '',
  ].join('\n'); // prettier-ignore
}

const PLACES: readonly Where[] = [
  { family: 'inet', hook: 'prerouting', priority: '-150' },
  { family: 'bridge', hook: 'input', priority: '0' },
  { family: 'inet', hook: 'output', priority: '0' },
  { family: 'netdev', hook: 'ingress', priority: '0' },
  { family: 'inet', hook: 'prerouting', priority: '-300' },
  { family: 'bridge', hook: 'prerouting', priority: '-300' },
  { family: 'ip', hook: 'postrouting', priority: '0' },
  { family: 'bridge', hook: 'output', priority: '0' },
  { family: 'ip6', hook: 'output', priority: '-150' },
  { family: 'bridge', hook: 'postrouting', priority: '0' },
];
const INPUT: Where = { family: 'inet', hook: 'input', priority: '0' };

/**
 * Every rule of this list as a ruleset of its own: in INPUT, and in other hooks in turn.
 * @param elsewhere in how many other hooks each is tried
 * @param turn which of them come first
 */
export function unusualNft(elsewhere: number, turn: number): UnusualNft[] {
  const out: UnusualNft[] = [];
  const rules = [...EXPRESSIONS.map((e) => `${e} drop`), ...STATEMENTS];
  for (const [i, rule] of rules.entries()) {
    for (let n = -1; n < elsewhere; n++) {
      const at = n < 0 ? INPUT : (PLACES[(i + turn + n) % PLACES.length] ?? INPUT);
      const type = at.family === 'ip6' && at.hook === 'output' ? 'route' : 'filter';
      out.push({ name: `${at.family} ${at.hook} ${at.priority}: ${rule}`, text: ruleset(at, type, rule) });
    }
  }
  for (const line of NAT) {
    const [hook = '', priority = '', ...rest] = line.split(' ');
    const rule = rest.join(' ');
    for (const family of ['inet', ...(/ip6|::/.test(rule) ? [] : ['ip' as const])] as const) {
      out.push({ name: `${family} nat ${line}`, text: ruleset({ family, hook, priority }, 'nat', rule) });
    }
  }
  return out;
}
