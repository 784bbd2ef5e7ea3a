/** A rule of iptables that is seldom met, to be loaded alone. */
export interface UnusualLine {
  /** 4, 6 or both. */
  readonly family: '4' | '6' | '46';
  readonly table: string;
  readonly lines: readonly string[];
}

const BUILT_IN: Readonly<Record<string, string>> = {
  raw: 'PREROUTING OUTPUT',
  mangle: 'PREROUTING INPUT FORWARD OUTPUT POSTROUTING',
  nat: 'PREROUTING INPUT OUTPUT POSTROUTING',
  filter: 'INPUT FORWARD OUTPUT',
  security: 'INPUT FORWARD OUTPUT',
};

/** What iptables-restore reads. User chains `x` and `y` are there to be jumped to. */
export function restoreText({ table, lines }: UnusualLine): string {
  const closed = new Set(lines.filter((l) => l.startsWith('-P ')).map((l) => l.split(' ')[1]));
  const policy = (name: string) => (closed.has(name) ? 'DROP' : 'ACCEPT');
  const chains = `${BUILT_IN[table]}`.split(' ').map((name) => `:${name} ${policy(name)} [0:0]`);
  const rules = lines.filter((l) => l.startsWith('-A '));
  const body = [`*${table}`, ...chains, ':x - [0:0]', ':y - [0:0]', ...rules, 'COMMIT', ''];
  // A second table decides by the mark that the first one may have left.
  if (table === 'filter' || table === 'security') return body.join('\n');
  return `${body.join('\n')}*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m mark --mark 0x7/0xff -j DROP\nCOMMIT\n`;
}

const list = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim()); // prettier-ignore

/** Matches of either family, each tried with DROP in INPUT. */
const MATCHES = list(`
  -m addrtype --src-type UNICAST
  -m addrtype --dst-type LOCAL
  -m addrtype ! --dst-type LOCAL
  -m addrtype --src-type LOCAL
  -m addrtype --dst-type MULTICAST
  -m addrtype --dst-type UNSPEC
  -m addrtype --src-type UNICAST,LOCAL
  -m addrtype --dst-type UNREACHABLE
  -m addrtype --src-type PROHIBIT
  -m addrtype --dst-type BLACKHOLE
  -m addrtype --dst-type ANYCAST
  -m addrtype --dst-type LOCAL --limit-iface-in
  -m addrtype ! --dst-type LOCAL --limit-iface-in
  -m addrtype --src-type UNICAST --limit-iface-in
  -m bpf --bytecode "1,6 0 0 65535"
  -m bpf --bytecode "1,6 0 0 0"
  -m cgroup --cgroup 1
  -m cgroup ! --cgroup 1
  -m cluster --cluster-total-nodes 1 --cluster-local-node 1 --cluster-hash-seed 0xdeadbeef
  -m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0xdeadbeef
  -m comment --comment "-j ACCEPT -A INPUT \\" quoted 'x'"
  -m socket
  -m limit
  -m time
  -p tcp -m tcp
  ! -p udp -m socket
  -m comment --comment "! -j ACCEPT" -m limit
  -m connbytes --connbytes 0:10 --connbytes-dir original --connbytes-mode packets
  -m connbytes --connbytes 1 --connbytes-dir both --connbytes-mode packets
  -m connbytes ! --connbytes 5: --connbytes-dir reply --connbytes-mode bytes
  -m connbytes --connbytes 0 --connbytes-dir both --connbytes-mode avgpkt
  -m connlabel --label 3
  -m connlabel ! --label 3
  -m connlabel --label 3 --set
  -m connlimit --connlimit-above 0
  -m connlimit --connlimit-above 2 --connlimit-mask 24
  -m connlimit --connlimit-upto 1 --connlimit-daddr
  -m connlimit --connlimit-upto 0
  -m connlimit --connlimit-above 1 --connlimit-mask 0
  -m connmark --mark 0
  -m connmark --mark 0x1/0x1
  -m connmark ! --mark 0x1
  -m conntrack --ctstate NEW
  -m conntrack ! --ctstate NEW
  -m conntrack --ctstate INVALID,UNTRACKED
  -m conntrack --ctstate SNAT,DNAT
  -m conntrack ! --ctstate DNAT
  -m conntrack --ctproto tcp
  -m conntrack ! --ctproto 17
  -m conntrack --ctstatus NONE
  -m conntrack ! --ctstatus NONE
  -m conntrack --ctstatus CONFIRMED
  -m conntrack ! --ctstatus CONFIRMED
  -m conntrack --ctstatus ASSURED,SEEN_REPLY
  -m conntrack ! --ctstatus EXPECTED
  -m conntrack --ctexpire 1:100000
  -m conntrack ! --ctexpire 1:10
  -m conntrack --ctexpire 0
  -m conntrack --ctdir ORIGINAL
  -m conntrack --ctdir REPLY
  -m conntrack --ctorigdstport 11434
  -m conntrack ! --ctorigdstport 11434
  -m conntrack --ctorigsrcport 1:65535
  -m conntrack --ctreplsrcport 11434
  -m conntrack --ctrepldstport 1:100
  -m conntrack --ctstate NEW --ctorigdstport 11434 --ctproto 6 --ctdir ORIGINAL
  -m conntrack --ctstate RELATED,ESTABLISHED --ctproto tcp
  -m cpu --cpu 0
  -m cpu ! --cpu 0
  -m devgroup --src-group 0
  -m devgroup ! --src-group 0
  -m devgroup --src-group 0x3/0x3
  -m dscp --dscp 0
  -m dscp ! --dscp 0
  -m dscp --dscp-class EF
  -m dscp --dscp-class CS0
  -m dscp ! --dscp-class AF11
  -p tcp -m ecn --ecn-tcp-cwr
  -p tcp -m ecn ! --ecn-tcp-ece
  -m ecn --ecn-ip-ect 0
  -m ecn ! --ecn-ip-ect 0
  -m ecn --ecn-ip-ect 2
  -p tcp -m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name h1
  -p tcp -m hashlimit --hashlimit-above 100/sec --hashlimit-mode srcip,dstport --hashlimit-name h2
  -p tcp -m hashlimit --hashlimit-upto 512kb/s --hashlimit-burst 1mb --hashlimit-name h3
  -p tcp -m hashlimit --hashlimit-above 1b/s --hashlimit-burst 1b --hashlimit-name h4
  -p tcp -m hashlimit --hashlimit-above 1/sec --hashlimit-burst 1 --hashlimit-mode srcip --hashlimit-name h5 --hashlimit-htable-expire 1000 --hashlimit-srcmask 24
  -p tcp -m hashlimit --hashlimit-upto 1/sec --hashlimit-name h6 --hashlimit-rate-match --hashlimit-rate-interval 1
  -m helper --helper ftp
  -m helper ! --helper ftp
  -p ipcomp -m ipcomp ! --ipcompspi 1
  -m length --length 60:80
  -m length --length 0:59
  -m length ! --length 60
  -m length --length 80
  -m length --length 60:
  -m limit --limit 1/day --limit-burst 1
  -m limit --limit 100/sec
  -m mac --mac-source 02:00:00:00:00:99
  -m mac ! --mac-source 02:00:00:00:00:99
  -m mac --mac-source 02:00:00:00:00:98
  -m mark --mark 0
  -m mark ! --mark 0
  -m mark --mark 0/0xff
  -m mark --mark 0x1/0xff
  -p tcp -m multiport --dports 22,11400:11500
  -p tcp -m multiport ! --dports 22,11434
  -p tcp -m multiport --ports 11434
  -p tcp -m multiport ! --ports 1:1024
  -p tcp -m multiport --sports 30000:30100
  -p tcp -m multiport --dports 0:65535
  -m physdev --physdev-in veth0a1b2c3
  -m physdev ! --physdev-in veth0a1b2c3
  -m physdev --physdev-in veth+
  -m physdev --physdev-is-in
  -m physdev ! --physdev-is-in
  -m physdev --physdev-is-bridged
  -m physdev ! --physdev-is-bridged
  -m physdev --physdev-is-out
  -m pkttype --pkt-type unicast
  -m pkttype --pkt-type broadcast
  -m pkttype ! --pkt-type multicast
  -m policy --dir in --pol none
  -m policy --dir in --pol ipsec
  -m policy --dir in --pol ipsec --strict --reqid 1 --proto esp --mode tunnel
  -m quota --quota 0
  -m quota --quota 59
  -m quota --quota 60
  -m quota --quota 100000
  -m quota ! --quota 10
  -m realm --realm 1
  -m recent --rcheck --name r1
  -m recent ! --rcheck --name r2
  -m recent --set --name r3
  -m recent ! --set --name r4
  -m recent --update --seconds 60 --hitcount 2 --name r5
  -m recent --remove --name r6
  -m recent --rcheck --seconds 10 --reap --name r7 --rdest
  -m socket
  -m socket --transparent
  -m socket --nowildcard
  -m socket --nowildcard --transparent
  -m state --state NEW
  -m state ! --state ESTABLISHED,RELATED
  -m state --state INVALID
  -m statistic --mode nth --every 2 --packet 0
  -m statistic --mode nth --every 2 --packet 1
  -m statistic --mode nth ! --every 3 --packet 0
  -m statistic --mode random --probability 0.5
  -m statistic --mode random --probability 1
  -m statistic --mode random ! --probability 1
  -m statistic --mode random --probability 0
  -m string --algo bm --string "GET /"
  -m string --algo kmp ! --string "GET /" --from 40
  -m string --algo bm --hex-string "|0a0b|" --icase
  -p tcp -m tcp --tcp-option 2
  -p tcp -m tcp ! --tcp-option 2
  -p tcp -m tcp --tcp-option 34
  -p tcp -m tcp ! --tcp-option 34
  -p tcp -m tcp --tcp-flags SYN,RST,ACK,FIN SYN
  -p tcp -m tcp --tcp-flags ALL SYN
  -p tcp -m tcp --tcp-flags ALL NONE
  -p tcp -m tcp ! --tcp-flags ALL NONE
  -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK
  -p tcp -m tcp ! --syn
  -p tcp -m tcp --sport 30000:40000 ! --dport 1:1024 --syn
  -p tcp -m tcpmss --mss 1460
  -p tcp -m tcpmss --mss 500:1459
  -p tcp -m tcpmss ! --mss 1460
  -m time --timestart 00:00 --timestop 23:59
  -m time --weekdays Mo,Tu,We,Th,Fr,Sa,Su
  -m time --datestart 2001-01-01 --datestop 2002-01-01
  -m time --monthdays 1,2,3 --utc
  -m tos --tos 0
  -m tos ! --tos 0
  -m tos --tos 0x10/0xff
  -m tos --tos Minimize-Delay
  -m tos --tos 0/0
  -m u32 --u32 "6&0xFF=6"
  -m u32 --u32 "0>>22&0x3C@0&0xFFFF=11434"
  -m u32 ! --u32 "0&0xF=99"
  -p udp -m udp --dport 11434
  ! -p udp
  ! -p tcp
  -p 6
  -p all
  ! -p 6
  -p sctp -m sctp --dport 11434
  -p sctp -m sctp --chunk-types any INIT
  -p dccp -m dccp --dport 11434
  -p dccp ! --dccp-types REQUEST,DATA
  -p esp -m esp --espspi 1
  -p udplite
  -p 255
  -i +
  -i br+
  ! -i br-1a2b3c4d5e6f
  -i eth
  -i eth+
  -i veth0a1b2c3
  -m osf --genre Linux -p tcp
  -m osf -p tcp ! --genre Windows --ttl 1
  -m set --match-set lab4 src
  -m set ! --match-set lab4 src
  -m set --match-set labport dst
  -m set --match-set lab4 src --return-nomatch
  -m set --match-set labnet4 src,dst
  -m set --match-set lab4 src ! --update-counters
`); // prettier-ignore

const MATCHES4 = list(`
  -m ah --ahspi 1
  -p ah -m ah ! --ahspi 1
  -m icmp --icmp-type any
  -p icmp -m icmp --icmp-type 8
  -p icmp ! --icmp-type 8/0
  -m ttl --ttl-eq 64
  -m ttl --ttl-lt 64
  -m ttl --ttl-gt 63
  -m ttl ! --ttl-eq 64
  -m iprange --src-range 172.18.0.1-172.18.0.99
  -m iprange ! --src-range 172.18.0.1-172.18.0.99
  -m iprange --dst-range 172.17.0.1-172.18.0.1
  -m iprange --src-range 172.18.0.0-172.18.0.255 ! --dst-range 10.0.0.0-10.255.255.255
  -m addrtype --dst-type BROADCAST
  -m addrtype ! --dst-type BROADCAST
  -m conntrack --ctorigdst 172.18.0.1
  -m conntrack ! --ctorigsrc 172.18.0.0/16
  -m conntrack --ctrepldst 172.16.0.0/12
  -m conntrack --ctreplsrc 172.18.0.1/32 --ctorigsrc 172.18.0.2
  -f
  ! -f
  -s 172.18.0.2/255.255.0.255
  -s 0.0.0.0/0
  ! -s 0.0.0.0/0.0.0.1
  -s 172.18.0.2 ! -d 172.17.0.1
  -d 172.16.0.0/12 ! -s 172.18.0.0/16
  -s 0.0.0.2/0.0.0.255
  -m u32 --u32 "12=0xAC120002"
`); // prettier-ignore

const MATCHES6 = list(`
  -m ah --ahspi 1
  -m ah --ahspi 1 --ahlen 5 --ahres
  -m dst --dst-len 8
  -m dst ! --dst-len 8
  -m eui64
  ! -i lo -m eui64
  -m frag --fragid 1
  -m frag --fragfirst
  -m frag ! --fraglen 8
  -m hbh --hbh-len 8
  -m hbh ! --hbh-len 8
  -m hl --hl-eq 64
  -m hl --hl-lt 64
  -m hl --hl-gt 63
  -m hl ! --hl-eq 64
  -p ipv6-icmp -m icmp6 --icmpv6-type 128
  -p ipv6-icmp ! --icmpv6-type echo-request
  -m ipv6header --header none
  -m ipv6header ! --header none
  -m ipv6header --header none --soft
  -m ipv6header --header frag,auth
  -m ipv6header --header frag --soft
  -m ipv6header ! --header frag --soft
  -m ipv6header --header prot
  -m ipv6header --header prot --soft
  -p mh -m mh --mh-type 1
  -m rt --rt-type 0
  -m rt ! --rt-type 0
  -m rt --rt-segsleft 1:5
  -m rt ! --rt-segsleft 1:5
  -m srh
  -m srh ! --srh-next-hdr 6
  -m iprange --src-range fd00:18::1-fd00:18::99
  -m iprange ! --src-range fd00:18::1-fd00:18::99
  -s fd00:18::2
  ! -s fd00:18::/64
  -s ::2/::ffff
  -s fd00::/8 ! -d fd00:17::1/128
  -m conntrack --ctorigdst fd00:18::1
  -m conntrack ! --ctorigsrc fd00:18::/64
  -p tcp -m conntrack --ctrepldst fd00:18::2/128
  -m addrtype --src-type UNICAST,UNREACHABLE
`); // prettier-ignore

/** Whole rulesets of a few lines: table, then lines. `*` stands for either family. */
const WHOLE: readonly (readonly [UnusualLine['family'], string, string])[] = [
  ...list(`
    -A INPUT -j REJECT
    -A INPUT -p tcp -j REJECT --reject-with tcp-reset
    -A INPUT -j AUDIT --type drop
    -A INPUT -j LOG --log-prefix "x -j DROP " --log-level 7 --log-uid
    -A INPUT -j NFLOG --nflog-group 5 --nflog-prefix "-j DROP"
    -A INPUT -j NFQUEUE --queue-num 9
    -A INPUT -j NFQUEUE --queue-num 9 --queue-bypass
    -A INPUT -j NFQUEUE --queue-balance 1:3 --queue-cpu-fanout
    -A INPUT -j RETURN ; -A INPUT -j DROP
    -A INPUT -g x ; -A INPUT -j DROP
    -A INPUT -g x ; -A x -j RETURN ; -A INPUT -j DROP
    -A INPUT -j x ; -A x -g y ; -A y -p tcp -j RETURN ; -A x -j DROP ; -A INPUT -j REJECT
    -A INPUT -j x ; -A x -j y ; -A y -g x3 ; -A INPUT -j DROP
    -A INPUT -j x ; -A x -p tcp -j ACCEPT ; -A INPUT -j DROP
    -A INPUT -p tcp
    -A INPUT -p tcp -m tcp --dport 11434
    -A INPUT -j MARK --set-mark 7 ; -A INPUT -m mark --mark 7 -j DROP
    -A INPUT -j CONNMARK --set-mark 7 ; -A INPUT -m connmark --mark 7 -j DROP
    -A INPUT -j TEE --gateway 192.0.2.1
    -A INPUT -j IDLETIMER --timeout 60 --label lab
    -A INPUT -j RATEEST --rateest-name lab --rateest-interval 250ms --rateest-ewmalog 500ms
    -A INPUT -p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460
    -A INPUT -p tcp -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460
    -A INPUT -j SET --add-set labport dst ; -A INPUT -m set --match-set labport dst -j DROP
    -A INPUT -j SET --del-set lab4 src
    -A OUTPUT -j DROP
    -A OUTPUT -p tcp -m tcp --sport 11434 -j DROP
    -A OUTPUT -m conntrack --ctstate NEW -j DROP
    -A OUTPUT -m conntrack ! --ctstate ESTABLISHED,RELATED -j DROP
    -A OUTPUT -m conntrack --ctstate ESTABLISHED -j DROP
    -A OUTPUT -m conntrack --ctdir REPLY -j DROP
    -A OUTPUT -m conntrack --ctdir ORIGINAL -j DROP
    -A OUTPUT -m conntrack --ctstatus SEEN_REPLY -j DROP
    -A OUTPUT -m conntrack --ctstatus CONFIRMED -j DROP
    -A OUTPUT -m conntrack --ctstatus ASSURED -j DROP
    -A OUTPUT -m owner --uid-owner 12345 -j DROP
    -A OUTPUT -m owner ! --uid-owner 12345 -j DROP
    -A OUTPUT -m owner --gid-owner 12345 --suppl-groups -j DROP
    -A OUTPUT -m owner --socket-exists -j DROP
    -A OUTPUT -m owner ! --socket-exists -j DROP
    -A OUTPUT -o br+ -j DROP
    -A OUTPUT ! -o lo -j REJECT
    -A OUTPUT -p tcp -j REJECT --reject-with tcp-reset
    -A OUTPUT -m pkttype --pkt-type unicast -j DROP
    -A OUTPUT -m length --length 60:80 -j DROP
    -A OUTPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN,ACK -j DROP
    -A OUTPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN -j DROP
    -A OUTPUT -m addrtype --dst-type UNICAST -j DROP
    -A OUTPUT -m addrtype --src-type LOCAL -j DROP
    -A OUTPUT -m addrtype --src-type LOCAL --limit-iface-out -j DROP
    -A OUTPUT -p tcp -m multiport --sports 11434,22 -j DROP
    -A OUTPUT -m devgroup --dst-group 0 -j DROP
    -A OUTPUT -m policy --dir out --pol ipsec -j DROP
    -A OUTPUT -m policy --dir out --pol none -j DROP
    -A OUTPUT -m mark ! --mark 0 -j DROP
    -A OUTPUT -m dscp --dscp 0 -j DROP
    -A OUTPUT -m ecn --ecn-ip-ect 0 -j DROP
    -A OUTPUT -j NFQUEUE --queue-num 9
    -A OUTPUT -m connbytes --connbytes 2: --connbytes-dir both --connbytes-mode packets -j DROP
    -A OUTPUT -m connbytes --connbytes 1: --connbytes-dir original --connbytes-mode packets -j DROP
    -A FORWARD -j DROP
  `).map((line) => ['46', 'filter', line] as const),
  ...list(`
    -A INPUT -j DROP
    -A INPUT -p tcp -j REJECT
    -A INPUT -j CONNSECMARK --save
    -A OUTPUT -p tcp -j DROP
    -A INPUT -m conntrack --ctstate NEW -j DROP
  `).map((line) => ['46', 'security', line] as const),
  ...list(`
    -A PREROUTING -j MARK --set-mark 7
    -A PREROUTING -j MARK --set-xmark 0x7/0xff
    -A PREROUTING -j MARK --set-xmark 0xf/0x0 ; -A PREROUTING -j MARK --and-mark 0x7
    -A PREROUTING -j MARK --or-mark 0x6 ; -A PREROUTING -j MARK --xor-mark 0x1
    -A PREROUTING -j CONNMARK --set-mark 7 ; -A PREROUTING -j CONNMARK --restore-mark
    -A PREROUTING -j CONNMARK --set-xmark 0x17/0xff ; -A PREROUTING -j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf
    -A PREROUTING -j MARK --set-mark 0x7 ; -A PREROUTING -j CONNMARK --save-mark ; -A PREROUTING -j MARK --set-mark 0 ; -A PREROUTING -j CONNMARK --restore-mark
    -A PREROUTING -j MARK --set-mark 0x7 ; -A PREROUTING -j CONNMARK --save-mark --mask 0x3 ; -A PREROUTING -j MARK --set-mark 0x4 ; -A PREROUTING -m connmark --mark 3 -j DROP
    -A PREROUTING -j CONNMARK --and-mark 0 ; -A PREROUTING -m connmark --mark 0 -j DROP
    -A PREROUTING -j HMARK --hmark-tuple src,dst --hmark-mod 8 --hmark-offset 7 --hmark-rnd 0xdeadbeef
    -A PREROUTING -j HMARK --hmark-tuple src,dst --hmark-mod 1 --hmark-offset 7 --hmark-rnd 0xdeadbeef
    -A PREROUTING -j HMARK --hmark-tuple src,dst,sport,dport --hmark-mod 100 --hmark-offset 1000 --hmark-rnd 0xdeadbeef
    -A PREROUTING -p tcp -j TCPMSS --set-mss 1000 ; -A PREROUTING -p tcp -m tcpmss --mss 1000 -j DROP
    -A POSTROUTING -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
    -A PREROUTING -p tcp -j TCPOPTSTRIP --strip-options sack-permitted,timestamp ; -A PREROUTING -p tcp -m tcp --tcp-option 8 -j DROP
    -A PREROUTING -j DSCP --set-dscp 0x2e ; -A PREROUTING -m dscp --dscp 0x2e -j DROP
    -A PREROUTING -j DSCP --set-dscp-class ef ; -A PREROUTING -m dscp --dscp 0x2e -j DROP
    -A PREROUTING -j TOS --set-tos 0x10 ; -A PREROUTING -m tos --tos 0x10 -j DROP
    -A PREROUTING -j TOS --or-tos 0x18 ; -A PREROUTING -m tos --tos 0x08/0x08 -j DROP
    -A PREROUTING -j TOS --set-tos 0xff ; -A PREROUTING -j TOS --and-tos 0x0f ; -A PREROUTING -m tos --tos 0x0f -j DROP
    -A PREROUTING -j TOS --set-tos 0x03/0x03 ; -A PREROUTING -m tos --tos 0x03 -j DROP
    -A PREROUTING -j TOS --set-tos 0x03 ; -A PREROUTING -m ecn --ecn-ip-ect 3 -j DROP
    -A PREROUTING -j CHECKSUM --checksum-fill
    -A PREROUTING -p tcp -j TPROXY --on-port 11435 --tproxy-mark 0x7/0xff
    -A PREROUTING -p tcp -m tcp --dport 11434 -j TPROXY --on-port 11435
    -A PREROUTING -p tcp -m tcp --dport 11434 -j TPROXY --on-port 9
    -A PREROUTING -p tcp -m socket --transparent -j MARK --set-mark 7
    -A PREROUTING -m rpfilter --invert -j DROP
    -A PREROUTING -m rpfilter --validmark --invert -j DROP
    -A PREROUTING -m conntrack --ctstate INVALID -j DROP
    -A PREROUTING -p tcp ! --syn -m conntrack --ctstate NEW -j DROP
    -A PREROUTING -p tcp -m conntrack --ctstate NEW -m tcpmss ! --mss 536:65535 -j DROP
    -A PREROUTING -m addrtype --dst-type LOCAL -j DROP
    -A PREROUTING -m addrtype --dst-type LOCAL --limit-iface-in -j DROP
    -A PREROUTING ! -i lo -m addrtype ! --src-type UNICAST -j DROP
    -A INPUT -j DROP
    -A INPUT -p tcp -m tcp --dport 11434 -j MARK --set-mark 7
    -A OUTPUT -j DROP
    -A OUTPUT -j MARK --set-mark 7
    -A OUTPUT -m conntrack --ctstate ESTABLISHED -j CONNMARK --set-mark 1
    -A POSTROUTING -j DROP
    -A POSTROUTING -o br+ -j DROP
    -A POSTROUTING -m policy --dir out --pol none -j DROP
    -A POSTROUTING -m physdev --physdev-is-out -j DROP
    -A POSTROUTING -j CLASSIFY --set-class 1:1
    -A POSTROUTING -m owner --uid-owner 7 -j DROP
    -A PREROUTING -j TEE --gateway 192.0.2.1
    -A FORWARD -j DROP
    -P PREROUTING DROP
    -P INPUT DROP
    -P OUTPUT DROP
    -P POSTROUTING DROP
    -P FORWARD DROP
  `).map((line) => ['46', 'mangle', line] as const),
  ...list(`
    -A PREROUTING -j TTL --ttl-set 10 ; -A INPUT -m ttl --ttl-eq 10 -j DROP
    -A PREROUTING -j TTL --ttl-dec 2 ; -A INPUT -m ttl --ttl-eq 62 -j DROP
    -A PREROUTING -j TTL --ttl-inc 300
    -A PREROUTING -j TTL --ttl-set 1
    -A PREROUTING -j TTL --ttl-inc 2 ; -A PREROUTING -m ttl --ttl-eq 66 -j DROP
    -A PREROUTING -p tcp -j ECN --ecn-tcp-remove
    -A PREROUTING -j TEE --gateway 192.0.2.1
  `).map((line) => ['4', 'mangle', line] as const),
  ...list(`
    -A PREROUTING -j HL --hl-set 10 ; -A INPUT -m hl --hl-eq 10 -j DROP
    -A PREROUTING -j HL --hl-dec 2 ; -A INPUT -m hl --hl-eq 62 -j DROP
    -A PREROUTING -s fd00:18::/64 -j DNPT --src-pfx fd00:18::/64 --dst-pfx fd00:99::/64
    -A POSTROUTING -j SNPT --src-pfx fd00:18::/64 --dst-pfx fd00:99::/64
    -A PREROUTING -d fd00:18::/64 -j DNPT --src-pfx fd00:18::/64 --dst-pfx fd00:17::/64
    -A POSTROUTING -s fd00:18::/64 -j SNPT --src-pfx fd00:18::/64 --dst-pfx fd00:77::/64
  `).map((line) => ['6', 'mangle', line] as const),
  ...list(`
    -A PREROUTING -j DROP
    -A PREROUTING -j NOTRACK
    -A PREROUTING -j CT --notrack
    -A PREROUTING -j CT --zone 7
    -A PREROUTING -j CT --zone-orig 7
    -A PREROUTING -j CT --zone mark
    -A PREROUTING -p tcp -j CT --helper ftp
    -A PREROUTING -p tcp -j CT --ctevents new,destroy
    -A PREROUTING -m rpfilter --loose --invert --validmark --accept-local -j DROP
    -A PREROUTING -m rpfilter --loose -j DROP
    -A PREROUTING -m rpfilter --invert -j DROP
    -A PREROUTING -m rpfilter -j ACCEPT ; -A PREROUTING -j DROP
    -A PREROUTING -m conntrack --ctstate INVALID -j DROP
    -A PREROUTING -m conntrack --ctstate NEW -j DROP
    -A PREROUTING -m conntrack ! --ctstate NEW -j DROP
    -A PREROUTING -m conntrack --ctstate UNTRACKED -j DROP
    -A PREROUTING -j CT --notrack ; -A PREROUTING -m conntrack --ctstate UNTRACKED -j DROP
    -A PREROUTING -m state --state INVALID -j DROP
    -A PREROUTING -m connmark --mark 0 -j DROP
    -A PREROUTING -m socket -j DROP
    -A PREROUTING -m socket --nowildcard -j DROP
    -A PREROUTING -j TRACE
    -A PREROUTING -j MARK --set-mark 7
    -A PREROUTING -j CT --notrack ; -A PREROUTING -j MARK --set-mark 7
    -A OUTPUT -j CT --notrack
    -A OUTPUT -j NOTRACK
    -A OUTPUT -j DROP
    -A OUTPUT -j CT --zone 7
    -A OUTPUT -m conntrack --ctstate NEW -j DROP
    -A OUTPUT -m conntrack --ctstate INVALID -j DROP
    -A PREROUTING -i br+ -m addrtype --dst-type LOCAL --limit-iface-in -j DROP
    -P PREROUTING DROP
    -P OUTPUT DROP
  `).map((line) => ['46', 'raw', line] as const),
  ...list(`
    -A PREROUTING -p tcp -j REDIRECT
    -A PREROUTING -p tcp -m tcp --dport 11434 -j REDIRECT --to-ports 11435
    -A PREROUTING -p tcp -m tcp --dport 11434 -j REDIRECT --to-ports 80
    -A PREROUTING -p tcp -m tcp --dport 11434 -j REDIRECT --to-ports 11434-11435
    -A PREROUTING -p tcp -j REDIRECT --to-ports 11435 --random
    -A PREROUTING -p tcp -m tcp --dport 22 -j REDIRECT --to-ports 11434
    -A PREROUTING -j ACCEPT ; -A PREROUTING -p tcp -j REDIRECT --to-ports 22
    -A PREROUTING -j RETURN ; -A PREROUTING -p tcp -j REDIRECT --to-ports 80
    -A POSTROUTING -j MASQUERADE
    -A POSTROUTING -j MASQUERADE --random-fully
    -A POSTROUTING -p tcp -j MASQUERADE --to-ports 1024-2048
    -A OUTPUT -p tcp -j REDIRECT --to-ports 80
    -A PREROUTING -m addrtype --dst-type LOCAL -j x ; -A x ! -i br-1a2b3c4d5e6f -p tcp -m tcp --dport 11434 -j REDIRECT --to-ports 11435
    -A INPUT -j ACCEPT
    -P PREROUTING DROP
    -P INPUT DROP
    -P POSTROUTING DROP
    -P OUTPUT DROP
    -A INPUT -j MARK --set-mark 7
    -A PREROUTING -j MARK --set-mark 7
    -A PREROUTING -m conntrack --ctstate NEW -j MARK --set-mark 7
    -A PREROUTING -m conntrack --ctstate INVALID -j MARK --set-mark 7
  `).map((line) => ['46', 'nat', line] as const),
  ...list(`
    -A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.1
    -A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.1:11435
    -A PREROUTING -p tcp -j DNAT --to-destination :11435
    -A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.1:11435-11436
    -A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.1:22-23/11434
    -A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.9-172.17.0.10
    -A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.1 --persistent
    -A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.1 --random
    -A PREROUTING -p tcp -j DNAT --to-destination 127.0.0.1:11434
    -A PREROUTING -p tcp -j DNAT --to-destination 172.17.0.5:11434
    -A PREROUTING -p tcp -j DNAT --to-destination 172.18.0.77:11434
    -A PREROUTING -p tcp -j DNAT --to-destination 198.51.100.7
    -A PREROUTING -p tcp -j DNAT --to-destination 0.0.0.0
    -A PREROUTING -p tcp -j DNAT --to-destination 255.255.255.255
    -A PREROUTING -p tcp -j DNAT --to-destination 224.0.0.1
    -A PREROUTING -p tcp -j DNAT --to-destination 192.0.2.255
    -A PREROUTING -p tcp -j DNAT --to-destination 192.0.2.10:80
    -A PREROUTING -d 172.18.0.0/24 -j NETMAP --to 172.17.0.0/24
    -A PREROUTING -d 172.17.0.0/16 -j NETMAP --to 172.18.0.0/16
    -A POSTROUTING -j SNAT --to-source 192.0.2.10
    -A INPUT -j SNAT --to-source 172.17.0.9
    -A INPUT -j SNAT --to-source 172.17.0.9:4000
    -A INPUT -p tcp -j SNAT --to-source 172.17.0.9-172.17.0.20:4000-4010
    -A INPUT -j SNAT --to-source 10.99.0.9
    -A INPUT -j SNAT --to-source 192.0.2.10
    -A INPUT -j NETMAP --to 172.17.0.0/16
    -A OUTPUT -j DNAT --to-destination 127.0.0.1
  `).map((line) => ['4', 'nat', line] as const),
  ...list(`
    -A PREROUTING -p tcp -j DNAT --to-destination fd00:17::1
    -A PREROUTING -p tcp -j DNAT --to-destination [fd00:17::1]:11435
    -A PREROUTING -p tcp -j DNAT --to-destination [::1]:11434
    -A PREROUTING -p tcp -j DNAT --to-destination [fd00:17::5]:11434
    -A PREROUTING -p tcp -j DNAT --to-destination [fd00:18::77]:11434
    -A PREROUTING -p tcp -j DNAT --to-destination ::
    -A PREROUTING -p tcp -j DNAT --to-destination ff02::1
    -A PREROUTING -d fd00:18::/64 -j NETMAP --to fd00:17::/64
    -A INPUT -j SNAT --to-source fd00:17::9
    -A INPUT -j SNAT --to-source fd00:99::9
  `).map((line) => ['6', 'nat', line] as const),
  ...list(`
    -A INPUT -j REJECT --reject-with icmp-net-unreachable
    -A INPUT -j REJECT --reject-with icmp-host-unreachable
    -A INPUT -j REJECT --reject-with icmp-proto-unreachable
    -A INPUT -j REJECT --reject-with icmp-port-unreachable
    -A INPUT -j REJECT --reject-with icmp-net-prohibited
    -A INPUT -j REJECT --reject-with icmp-host-prohibited
    -A INPUT -j REJECT --reject-with icmp-admin-prohibited
    -A INPUT -p tcp -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:01 --total-nodes 2 --local-node 1
  `).map((line) => ['4', 'filter', line] as const),
  ...list(`
    -A INPUT -j REJECT --reject-with icmp6-no-route
    -A INPUT -j REJECT --reject-with icmp6-adm-prohibited
    -A INPUT -j REJECT --reject-with icmp6-addr-unreachable
    -A INPUT -j REJECT --reject-with icmp6-port-unreachable
    -A INPUT -j REJECT --reject-with icmp6-policy-fail
    -A INPUT -j REJECT --reject-with icmp6-reject-route
  `).map((line) => ['6', 'filter', line] as const),
]; // prettier-ignore

/** Every rule of this list, each a ruleset of its own. */
export function unusualLines(): UnusualLine[] {
  const matching = (family: UnusualLine['family']) => (match: string) => ({
    family,
    table: 'filter',
    lines: [`-A INPUT ${match} -j DROP`],
  });
  return [
    ...MATCHES.map(matching('46')),
    ...MATCHES4.map(matching('4')),
    ...MATCHES6.map(matching('6')),
    ...WHOLE.map(([family, table, line]) => ({ family, table, lines: line.split(' ; ') })),
  ];
}
