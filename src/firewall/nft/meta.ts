import { type Flight, hasTemplate } from '../walk/flight.ts';
import type { Place } from '../walk/effect.ts';
import { list, type Json, member, text } from './json.ts';
import type { Field } from './payload.ts';

const number = (v: number): Field => ({ kind: 'number', v });
const name = (v: string): Field => (v === '?' ? 'unknown' : { kind: 'ifname', v });
const index = (v: string): Field => (v === '?' ? 'unknown' : { kind: 'ifindex', v });

/** Sockets are known to outgoing packets only; elsewhere the kernel finds none and the rule ends. */
function ofSocket(place: Place): Field {
  return place.hook === 'output' || place.hook === 'postrouting' ? 'unknown' : 'break';
}

function bridgeOf(port: string, place: Place): Field {
  if (port === '?') return 'unknown';
  for (const [bridge, ports] of Object.entries(place.host.bridgePorts)) {
    if (ports.includes(port)) return { kind: 'ifname', v: bridge };
  }
  return place.layer === 'bridge' ? 'unknown' : { kind: 'ifname', v: '' };
}

/** `{"meta": {"key": …}}`: nft_meta.c, nft_meta_bridge.c. */
export function readMeta(key: string, f: Flight, place: Place): Field {
  switch (key) {
    case 'length':
      return number(f.length);
    case 'nfproto':
      if (place.layer !== 'ip') return place.layer === 'bridge' ? number(7) : number(5);
      return { kind: 'nfproto', v: f.family === 4 ? 2 : 10 };
    case 'l4proto':
      return { kind: 'proto', v: f.protocol };
    case 'protocol':
      return { kind: 'ethertype', v: f.etherType };
    case 'iifname':
      return name(f.iif);
    case 'oifname':
      return name(f.oif);
    case 'iif':
      return index(f.iif);
    case 'oif':
      return index(f.oif);
    case 'iiftype':
      // Asked of a 6.18 kernel: on the way out this reads the interface it leaves by, though iifname is empty.
      if (f.iif === '' && place.hook === 'output' && place.layer === 'ip') return 'break';
      return { kind: 'arphrd', v: (f.iif || f.oif) === 'lo' ? 772 : 1 };
    case 'oiftype':
      return f.oif === '' ? 'break' : { kind: 'arphrd', v: f.oif === 'lo' ? 772 : 1 };
    case 'iifgroup':
      return f.iif === '' ? 'break' : 'unknown';
    case 'oifgroup':
      return f.oif === '' ? 'break' : 'unknown';
    case 'mark':
      return f.mark < 0 ? 'unknown' : number(f.mark);
    case 'pkttype':
      return { kind: 'pkttype', v: 0 };
    case 'skuid':
    case 'skgid':
    case 'cgroup':
      return ofSocket(place);
    case 'ipsec':
    case 'secpath':
      return { kind: 'bool', v: 0 };
    case 'ibrname':
    case 'ibriport':
      return bridgeOf(f.iif, place);
    case 'obrname':
    case 'obriport':
      return bridgeOf(f.oif, place);
    case 'nftrace':
      return { kind: 'bool', v: 0 };
    default:
      return 'unknown';
  }
}

/** Conntrack's state as the bits nft compares. In the bridge layer it has looked already wherever a rule asks. */
function stateBits(f: Flight, place: Place): number {
  switch (f.ct) {
    case 'new':
      return 8;
    case 'established':
      return 2;
    case 'related':
      return 4;
    case 'untracked':
      return 64;
    case 'none':
      return place.layer === 'bridge' ? 8 : 1;
    case 'invalid':
    default:
      return 1;
  }
}

/** `{"ct": {"key": …}}`: every key but the state ends the rule when there is no entry (nft_ct.c). */
export function readCt(body: Json, f: Flight, place: Place): Field {
  const key = text(member(body, 'key')) ?? '';
  if (hasTemplate(f)) return key === 'state' ? { kind: 'ctstate', v: 8 } : 'unknown';
  if (key === 'state') return { kind: 'ctstate', v: stateBits(f, place) };
  if (f.ct !== 'new' && f.ct !== 'established' && f.ct !== 'related') return 'break';
  const c = f.connection;
  const family = text(member(body, 'family'));
  const tuple = member(body, 'dir') === 'reply' ? c.reply : c.original;
  const address = f.family === 4 ? 'ip4' : 'ip6';
  if (family !== undefined && (family === 'ip') !== (f.family === 4)) return 'break';
  if (key.startsWith(f.family === 4 ? 'ip6 ' : 'ip ')) return 'break';
  switch (key) {
    case 'mark':
      return c.mark < 0 ? 'unknown' : number(c.mark);
    case 'direction':
      return { kind: 'ctdir', v: f.replyDirection ? 1 : 0 };
    case 'status': {
      const bits = (c.seenReply ? 2 : 0) | (c.confirmed ? 8 : 0) | (c.snat ? 16 : 0) | (c.dnat ? 32 : 0);
      return { kind: 'ctstatus', v: bits };
    }
    case 'l3proto':
      return { kind: 'nfproto', v: f.family === 4 ? 2 : 10 };
    case 'protocol':
      return { kind: 'proto', v: f.protocol };
    case 'saddr':
    case 'ip saddr':
    case 'ip6 saddr':
      return { kind: address, v: tuple.src };
    case 'daddr':
    case 'ip daddr':
    case 'ip6 daddr':
      return { kind: address, v: tuple.dst };
    case 'proto-src':
      return { kind: 'port', v: tuple.sport };
    case 'proto-dst':
      return { kind: 'port', v: tuple.dport };
    case 'helper':
      return 'break';
    case 'zone': {
      const dir = member(body, 'dir');
      const id = dir === 'original' ? c.zone.original : dir === 'reply' ? c.zone.reply : c.zone.id;
      return id < 0 ? 'unknown' : number(id);
    }
    default:
      return 'unknown';
  }
}

/** `{"fib": {"result", "flags"}}`: nft_fib_ipv4.c, nft_fib_ipv6.c. */
export function readFib(body: Json, f: Flight, place: Place): Field {
  const flags = Array.isArray(member(body, 'flags')) ? list(member(body, 'flags')) : [member(body, 'flags')];
  const address = flags.includes('daddr') ? f.dst : f.src;
  const device = flags.includes('iif') ? f.iif : flags.includes('oif') ? f.oif : undefined;
  const { host } = place;
  if (device === '?') return 'unknown';
  if (member(body, 'result') === 'type') {
    const type = host.typeOf(f.family, address, device);
    return { kind: 'addrtype', v: { unicast: 1, local: 2, broadcast: 3, multicast: 5 }[type] };
  }
  const kind = member(body, 'result') === 'oifname' ? 'ifname' : 'ifindex';
  if (f.iif === 'lo' && place.hook === 'prerouting') return { kind, v: 'lo' };
  const route = host.isLocal(f.family, address) ? null : host.route(f.family, address, f.iif);
  if (route === null || (device !== undefined && device !== '' && route.oif !== device))
    return { kind, v: '' };
  return { kind, v: route.oif };
}
