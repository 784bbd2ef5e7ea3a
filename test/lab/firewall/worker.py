"""Asks the kernel: loads rulesets into a network namespace of its own, sends SYNs, and says what came back.

Reads one JSON object a line, answers with one a line. Everything lives in namespaces that end with the process.
The "host" is this process's namespace; the far ends of its interfaces sit in a second one, where frames are made
and read by packet sockets. A veth hands frames over at once, so silence needs no waiting.
"""
import ctypes, glob, json, os, select, socket, struct, subprocess, sys, time

libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
BRIDGE = "br-1a2b3c4d5e6f"
PORT = "veth0a1b2c3"
IFACES = {
    "eth0": ("eth0", "c-eth0", ["192.0.2.10/24", "2001:db8:1::10/64"]),
    "docker0": ("docker0", "c-docker0", ["172.17.0.1/16", "fd00:17::1/64"]),
    BRIDGE: (PORT, "c-br", ["172.18.0.1/16", "fd00:18::1/64"]),
}
NEIGHBOURS = {
    "eth0": ["192.0.2.1", "192.0.2.50", "2001:db8:1::1", "2001:db8:1::50"],
    "docker0": ["172.17.0.5", "172.17.0.9", "172.17.0.10", "fd00:17::5", "fd00:17::9", "fd00:17::10"],
    BRIDGE: ["172.18.0.2", "172.18.0.77", "fd00:18::2", "fd00:18::77"],
}
PORTS = [22, 53, 80, 443, 8080, 11434, 11435]
FAR_MAC = "02:00:00:00:00:99"


# The tools of another release than this machine's: a root to run them in (with /proc mounted).
TOOLS_ROOT = os.environ.get("LAB_TOOLS_ROOT")


def sh(*args, data=None, check=True):
    if TOOLS_ROOT and args[0].startswith(("nft", "iptables", "ip6tables")):
        args = ("chroot", TOOLS_ROOT, *args)
    done = subprocess.run(args, input=data, capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{args}: {done.stderr}")
    return done


class Nft:
    """nft without a process for each call: libnftables, which is all that nft itself is. Some rules end it, so that
    it sits in a process of its own, made again when it ended."""

    def __init__(self):
        self.lib = ctypes.CDLL("libnftables.so.1")
        self.lib.nft_ctx_new.restype = ctypes.c_void_p
        self.lib.nft_ctx_get_output_buffer.restype = ctypes.c_char_p
        self.lib.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        self.end = None

    def serve(self, end):
        with end.makefile("rw") as stream:
            for line in stream:
                as_json, commands = json.loads(line)
                ctx = ctypes.c_void_p(self.lib.nft_ctx_new(0))
                self.lib.nft_ctx_output_set_flags(ctx, 1 << 4 if as_json else 0)
                self.lib.nft_ctx_buffer_output(ctx)
                self.lib.nft_ctx_buffer_error(ctx)
                code = self.lib.nft_run_cmd_from_buffer(ctx, commands.encode())
                texts = self.lib.nft_ctx_get_output_buffer(ctx), self.lib.nft_ctx_get_error_buffer(ctx)
                stream.write(json.dumps([code == 0, *(t.decode() for t in texts)]) + "\n")
                stream.flush()
                self.lib.nft_ctx_free(ctx)
        os._exit(0)

    def run(self, commands, as_json=False):
        """(did it work, output, errors) of what `nft -f -` or `nft -j` would do."""
        if self.end is None:
            here, there = socket.socketpair()
            if os.fork() == 0:
                here.close()
                self.serve(there)
            there.close()
            self.end = here.makefile("rw")
        try:
            self.end.write(json.dumps([as_json, commands]) + "\n")
            self.end.flush()
            said = self.end.readline()
        except OSError:
            said = ""
        if said:
            return tuple(json.loads(said))
        self.end = None
        os.wait()
        return False, "", "nft ended"


try:
    library = None if TOOLS_ROOT else Nft()
except OSError:
    library = None


def nft(commands, as_json=False):
    """What `nft` says to these commands: None and its errors where it refuses them."""
    worked = False
    if library:
        worked, out, errors = library.run(commands, as_json)
    # The program alone says in which line an error is.
    if not worked:
        done = sh("nft", *(["-j"] if as_json else []), "-f", "-", data=commands, check=False)
        worked, out, errors = done.returncode == 0, done.stdout, done.stderr
    return (out, None) if worked else (None, errors)


def sysctl(name, value):
    try:
        with open("/proc/sys/" + name.replace(".", "/"), "w") as f:
            f.write(str(value))
    except OSError:
        pass


def unshare_net():
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def build():
    """Makes both namespaces; returns packet sockets by interface and the interfaces' MACs."""
    unshare_net()
    r, w = os.pipe()
    r2, w2 = os.pipe()
    child = os.fork()
    if child == 0:
        unshare_net()
        os.close(w2)
        os.write(w, b"x")
        os.read(r2, 1)
        os._exit(0)
    os.read(r, 1)
    sysctl("net.ipv6.conf.default.accept_dad", 0)
    sysctl("net.ipv6.conf.default.dad_transmits", 0)
    sysctl("net.ipv6.conf.default.accept_ra", 0)
    sh("ip", "link", "set", "lo", "up")
    sh("ip", "link", "add", BRIDGE, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
    for name, (near, far, addresses) in IFACES.items():
        sh("ip", "link", "add", near, "type", "veth", "peer", "name", far)
        sh("ip", "link", "set", far, "netns", str(child))
        if near != name:
            sh("ip", "link", "set", near, "master", name)
        sh("ip", "link", "set", near, "up")
        sh("ip", "link", "set", name, "up")
        for address in addresses:
            sh("ip", "addr", "add", address, "dev", name, *(["nodad"] if ":" in address else []))
    for name, (near, far, _) in IFACES.items():
        sh("nsenter", "-t", str(child), "-n", "sh", "-c", f"echo 1 > /proc/sys/net/ipv6/conf/{far}/disable_ipv6")
        sh("nsenter", "-t", str(child), "-n", "ip", "link", "set", far, "up")
        for address in NEIGHBOURS[name]:
            sh("ip", "neigh", "replace", address, "lladdr", FAR_MAC, "dev", name, "nud", "permanent")
    sh("bridge", "fdb", "replace", FAR_MAC, "dev", PORT, "master", "static")
    sh("ip", "route", "add", "default", "via", "192.0.2.1")
    sh("ip", "-6", "route", "add", "default", "via", "2001:db8:1::1")
    for name, value in {
        "net.ipv4.tcp_syncookies": 2, "net.ipv4.icmp_ratelimit": 0, "net.ipv4.icmp_ratemask": 0,
        "net.ipv6.icmp.ratelimit": 0, "net.ipv6.icmp.ratemask": "", "net.ipv4.conf.all.send_redirects": 0,
        "net.ipv4.conf.default.send_redirects": 0, "net.netfilter.nf_conntrack_checksum": 0,
    }.items():
        sysctl(name, value)
    for name in [*IFACES, PORT]:
        sysctl(f"net.ipv4.conf.{name}.send_redirects", 0)
        sysctl(f"net.ipv4.conf.{name}.rp_filter", 0)
    sysctl("net.ipv4.conf.all.rp_filter", 0)
    listeners = []
    for port in PORTS:
        for family, anywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            s = socket.socket(family, socket.SOCK_STREAM)
            if family == socket.AF_INET6:
                s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind((anywhere, port))
            s.listen(4096)
            listeners.append(s)
    macs = {}
    for name in IFACES:
        with open(f"/sys/class/net/{name}/address") if False else os.popen(f"ip -br link show dev {name}") as f:
            macs[name] = bytes.fromhex(f.read().split()[2].replace(":", ""))
    taps = {}
    for name, (near, _, _) in IFACES.items():
        taps[name] = packet_socket(near)
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/proc/{child}/ns/net", os.O_RDONLY)
    libc.setns(there, CLONE_NEWNET)
    sockets = {}
    for name, (_, far, _) in IFACES.items():
        sockets[name] = packet_socket(far)
    libc.setns(here, CLONE_NEWNET)
    return sockets, taps, macs, listeners, (w2, child)


def packet_socket(device):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((device, 0))
    s.setsockopt(263, 1, struct.pack("iHH8s", socket.if_nametoindex(device), 1, 0, b""))
    s.setsockopt(263, 23, struct.pack("i", 1))
    s.setblocking(False)
    return s


MARKER = b"\x88\xb5"
marks = 0


def wait_for(s, mark, name=None, seen=None):
    """Reads frames until the marker comes; under load the kernel may hand them over a little later."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        select.select([s], [], [], 0.5)
        while True:
            try:
                frame = s.recv(2048)
            except BlockingIOError:
                break
            if frame[12:14] == MARKER:
                if frame[14:22] == mark:
                    return
            elif seen is not None:
                parsed = parse(frame)
                if parsed:
                    seen.append((name, frame, parsed))
    raise RuntimeError("a marker frame was lost")


def barrier(sockets, taps, macs, iface):
    """Proof that all frames sent so far were dealt with: one of our own there and back, behind them in the queue."""
    global marks
    marks += 1
    mark = struct.pack("!Q", marks) + bytes(40)
    drain({iface: taps[iface]})
    far, near = bytes.fromhex(FAR_MAC.replace(":", "")), macs[iface]
    sockets[iface].send(near + far + MARKER + mark)
    wait_for(taps[iface], mark[:8])
    frames = drain(sockets)
    taps[iface].send(far + near + MARKER + mark)
    wait_for(sockets[iface], mark[:8], iface, frames)
    return frames + drain(sockets)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp_packet(family, src, dst, sport, dport, flags, ttl, tos=0, seq=1000, ack=0, extra=b""):
    af = socket.AF_INET if family == 4 else socket.AF_INET6
    s, d = socket.inet_pton(af, src), socket.inet_pton(af, dst)
    options = bytes([2, 4, 5, 0xB4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7]) + extra
    length = 20 + len(options)
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, (length // 4) << 4, flags, 64240, 0, 0) + options
    pseudo = s + d + (struct.pack("!BBH", 0, 6, length) if family == 4 else struct.pack("!IHBB", length, 0, 0, 6))
    head = head[:16] + struct.pack("!H", checksum(pseudo + head)) + head[18:]
    if family == 4:
        ip = struct.pack("!BBHHHBBH", 0x45, tos, 20 + length, 1, 0x4000, ttl, 6, 0) + s + d
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    else:
        ip = struct.pack("!IHBB", (6 << 28) | (tos << 20), length, 6, ttl) + s + d
    return ip + head


def parse(frame):
    """(family, protocol, source, destination, payload) of a frame; None for what is not IP."""
    kind = struct.unpack("!H", frame[12:14])[0]
    if kind == 0x0800:
        ip = frame[14:]
        size = (ip[0] & 15) * 4
        return 4, ip[9], socket.inet_ntop(socket.AF_INET, ip[12:16]), socket.inet_ntop(socket.AF_INET, ip[16:20]), ip[size:]
    if kind == 0x86DD:
        ip = frame[14:]
        return 6, ip[6], socket.inet_ntop(socket.AF_INET6, ip[8:24]), socket.inet_ntop(socket.AF_INET6, ip[24:40]), ip[40:]
    return None


def drain(sockets):
    frames = []
    for name, s in sockets.items():
        while True:
            try:
                frame = s.recv(2048)
            except BlockingIOError:
                break
            parsed = parse(frame)
            if parsed:
                frames.append((name, frame, parsed))
    return frames


ICMP4 = {0: "network-unreachable", 1: "host-unreachable", 2: "refused", 3: "refused", 9: "network-unreachable",
         10: "host-unreachable", 13: "host-unreachable"}
ICMP6 = {0: "network-unreachable", 1: "host-unreachable", 3: "host-unreachable", 4: "refused", 5: "host-unreachable", 6: "host-unreachable"}


def answer(frames, p):
    """What the client's kernel would make of the frames that reached it; None for nothing of this connection."""
    seen = None
    for _, _, (family, proto, src, dst, body) in frames:
        if proto == 6 and src == p["dst"] and dst == p["src"]:
            sport, dport = struct.unpack("!HH", body[:4])
            if sport == p["dport"] and dport == p["sport"]:
                flags = body[13]
                if flags & 4:
                    return "refused"
                if flags & 18 == 18:
                    return "connected"
        elif (proto == 1 and family == 4) or (proto == 58 and family == 6):
            if (family == 4 and body[0] != 3) or (family == 6 and body[0] != 1) or dst != p["src"]:
                continue
            inner = body[8:]
            inner_tcp = inner[(inner[0] & 15) * 4:] if family == 4 else inner[40:]
            if len(inner_tcp) >= 4 and struct.unpack("!HH", inner_tcp[:4]) == (p["sport"], p["dport"]):
                seen = (ICMP4 if family == 4 else ICMP6).get(body[1], "unknown")
    return seen


def probe(sockets, taps, macs, p):
    drain(sockets)
    packet = tcp_packet(p["family"], p["src"], p["dst"], p["sport"], p["dport"], 2, p.get("ttl", 64), p.get("tos", 0), extra=bytes(p.get("pad", 0)))
    mac = bytes.fromhex(p.get("mac", FAR_MAC).replace(":", ""))
    kind = b"\x08\x00" if p["family"] == 4 else b"\x86\xdd"
    sockets[p["iface"]].send(macs[p["iface"]] + mac + kind + packet)
    frames = drain(sockets)
    if answer(frames, p) is None:
        frames += barrier(sockets, taps, macs, p["iface"])
    # A SYN that comes out again was sent on to another host: that one answers, and the answer goes back.
    for name, frame, (family, proto, src, dst, body) in frames:
        if proto == 6 and body[13] & 18 == 2 and frame[6:12] != mac:
            sport, dport = struct.unpack("!HH", body[:4])
            back = tcp_packet(family, dst, src, dport, sport, 18, 64, seq=5000, ack=1001)
            sockets[name].send(macs[name] + bytes.fromhex(FAR_MAC.replace(":", "")) + kind + back)
            frames += barrier(sockets, taps, macs, name)
            break
    return answer(frames, p) or "timeout"


def conntrack_socket():
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)


def flush_conntrack(nl):
    nl.send(struct.pack("=IHHIIBBH", 20, (1 << 8) | 2, 5, 1, 0, 0, 0, 0))
    nl.recv(4096)
    for path in glob.glob("/proc/net/xt_recent/*"):
        try:
            with open(path, "w") as f:
                f.write("/\n")
        except OSError:
            pass


EMPTY = "".join(f"*{t}\n{c}COMMIT\n" for t, c in {
    "raw": ":PREROUTING ACCEPT\n:OUTPUT ACCEPT\n",
    "mangle": ":PREROUTING ACCEPT\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\n",
    "nat": ":PREROUTING ACCEPT\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\n",
    "filter": ":INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n",
    "security": ":INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n",
}.items())
# Connection tracking stays registered whatever the ruleset holds, as on any host with containers.
KEEP = "table inet lab_keep {\n chain keep { type filter hook prerouting priority 5000; ct state new ct mark 0xfeed continue; }\n}\n"
used_legacy = set()


def load(job):
    for save in list(used_legacy):
        sh(save, "-w", "10", data=EMPTY)
    used_legacy.clear()
    for command in job.get("prepare", []):
        sh(*command, check=False)
    start = "flush ruleset\n" + KEEP
    _, errors = nft(start + job.get("nft", ""))
    if errors is not None:
        nft(start)
        return errors
    for key, tool in (("v4nft", "iptables-nft-restore"), ("v6nft", "ip6tables-nft-restore"),
                      ("v4legacy", "iptables-legacy-restore"), ("v6legacy", "ip6tables-legacy-restore")):
        if job.get(key):
            if "legacy" in key:
                used_legacy.add(tool)
            # Legacy tools share one lock on the whole machine, and without -w give up at once.
            wait = ("-w", "10") if "legacy" in key else ()
            done = sh(tool, *wait, data=job[key], check=False)
            if done.returncode != 0:
                return done.stderr
    return None


def listings(job):
    out = []
    if job.get("nft") or job.get("v4nft") or job.get("v6nft"):
        out.append({"format": "nft-json", "text": nft("list ruleset\n", True)[0] or ""})
    for key, tool, form, backend in (
        ("v4nft", "iptables-nft-save", "iptables-save", "nft"), ("v6nft", "ip6tables-nft-save", "ip6tables-save", "nft"),
        ("v4legacy", "iptables-legacy-save", "iptables-save", "legacy"),
        ("v6legacy", "ip6tables-legacy-save", "ip6tables-save", "legacy")):
        if job.get(key):
            out.append({"format": form, "backend": backend, "text": sh(tool, "-c").stdout})
    return out


def main():
    # One CPU has one queue of frames, which is what the markers rely on.
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[os.getpid() % len(cpus)]})
    sockets, taps, macs, _listeners, _keep = build()
    nl = conntrack_socket()
    print(json.dumps({"ready": True, "mac": FAR_MAC, "macs": {k: v.hex(":") for k, v in macs.items()}}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        try:
            for name, value in job.get("sysctls", {}).items():
                sysctl(name, value)
            flush_conntrack(nl)
            error = load(job)
            if error is not None:
                print(json.dumps({"error": error}), flush=True)
                continue
            before = listings(job)
            outcomes = []
            for p in job["packets"]:
                if job.get("fresh"):
                    flush_conntrack(nl)
                outcomes.append(probe(sockets, taps, macs, p))
            after = listings(job) if job.get("counters", True) else []
            print(json.dumps({"listings": before, "after": after, "outcomes": outcomes}), flush=True)
        except Exception as e:
            print(json.dumps({"crash": f"{type(e).__name__}: {e}"}), flush=True)


main()
