import { parseIp, parsePrefix } from '../address.ts';
import type { Effect, Place } from '../walk/effect.ts';
import { type Flight, NO_ZONE } from '../walk/flight.ts';
import { namedRefusal, TCP_RESET } from '../walk/refusal.ts';
import {
  bindDestination,
  bindSource,
  type Choices,
  destinationEffects,
  endpoint,
  redirectAddress,
  sourceEffects,
} from '../walk/translate.ts';
import type { IptablesRule } from './rule.ts';
import { readMasked, readNumber } from './values.ts';

/** Targets after which the next rule is looked at and which change nothing that any verdict depends on. */
const PASSING = new Set(
  (
    'LOG NFLOG ULOG TCPMSS TCPOPTSTRIP CLASSIFY AUDIT CHECKSUM SECMARK CONNSECMARK TEE RATEEST IDLETIMER LED TRACE ' +
    'ACCOUNT NETFLOW SYSRQ CONTINUE ECN'
  ).split(' '),
);

/** True for a rule that only counts, logs, or touches what no match can see; not for one whose target may be what is garbled. */
export function isPassThrough(rule: IptablesRule, isChain: (name: string) => boolean): boolean {
  if (rule.target === null) return rule.problem === null;
  return PASSING.has(rule.target) && !isChain(rule.target);
}

/** A mark whose value cannot be told; matches on it are followed both ways. */
const UNTOLD = -1;

function has(rule: IptablesRule, name: string): boolean {
  return rule.targetOptions.some((o) => o.name === name);
}

function option(rule: IptablesRule, name: string): string | undefined {
  return rule.targetOptions.find((o) => o.name === name)?.words[0];
}

/** `new = (old & ~mask) ^ value`, for each way MARK and CONNMARK spell it (libxt_MARK.c). */
function markChange(rule: IptablesRule, old: number): number | null {
  if (
    old < 0 &&
    !/^(--set-xmark|--set-mark) [^/]+$/.test(rule.targetOptions.map((o) => `${o.name} ${o.words[0]}`).join())
  )
    return UNTOLD;
  const apply = (value: number, mask: number) => ((old & ~mask) ^ value) >>> 0;
  for (const { name, words } of rule.targetOptions) {
    const spec = readMasked(words[0] ?? '');
    if (!spec) continue;
    if (name === '--set-xmark') return apply(spec.value, spec.mask);
    if (name === '--set-mark') return apply(spec.value, spec.mask | spec.value);
    if (name === '--and-mark') return apply(0, ~spec.value);
    if (name === '--or-mark') return apply(spec.value, spec.value);
    if (name === '--xor-mark') return apply(spec.value, 0);
  }
  return null;
}

function connmark(rule: IptablesRule, flight: Flight): Flight {
  if (flight.ct !== 'new' && flight.ct !== 'established' && flight.ct !== 'related') return flight;
  const { connection } = flight;
  const maskOf = (name: string) => {
    const text = option(rule, name) ?? option(rule, '--mask');
    return text === undefined ? 0xffffffff : readNumber(text);
  };
  if (has(rule, '--save-mark')) {
    if (flight.mark < 0 || connection.mark < 0)
      return { ...flight, connection: { ...connection, mark: UNTOLD } };
    const mark = ((connection.mark & ~maskOf('--ctmask')) ^ (flight.mark & maskOf('--nfmask'))) >>> 0;
    return { ...flight, connection: { ...connection, mark } };
  }
  if (has(rule, '--restore-mark')) {
    if (flight.mark < 0 || connection.mark < 0) return { ...flight, mark: UNTOLD };
    const mark = ((flight.mark & ~maskOf('--nfmask')) ^ (connection.mark & maskOf('--ctmask'))) >>> 0;
    return { ...flight, mark };
  }
  const mark = markChange(rule, connection.mark);
  return mark === null ? flight : { ...flight, connection: { ...connection, mark } };
}

/** Reads `[ADDRESS[-ADDRESS]][:PORT[-PORT[/BASE]]]`, IPv6 addresses in brackets when a port follows. */
function readEndpoint(rule: IptablesRule, text: string, port: number): Choices | null {
  const parts = /^(?:\[([^\]]*)\]|([^:]*(?::[^:]*:.*)?))(?::(\d+)(?:-(\d+))?(?:\/(\d+))?)?$/.exec(text);
  if (!parts) return null;
  const [from, until = from] = (parts[1] ?? parts[2] ?? '').split('-');
  const low = from ? parseIp(from) : null;
  const high = until ? parseIp(until) : null;
  if ((from && !low) || (until && !high)) return null;
  const addresses = low && high ? { low: low.value, high: high.value } : null;
  if (parts[3] === undefined) return { addresses, ports: null };
  const range = { low: Number(parts[3]), high: Number(parts[4] ?? parts[3]) };
  const random = has(rule, '--random') || has(rule, '--random-fully');
  const base = parts[5] === undefined ? null : Number(parts[5]);
  return { addresses, ports: { ...range, random, base, old: port } };
}

function destination(rule: IptablesRule, flight: Flight, place: Place): readonly Effect[] {
  const given = option(rule, rule.target === 'REDIRECT' ? '--to-ports' : '--to-destination');
  const to = readEndpoint(
    rule,
    rule.target === 'REDIRECT' && given ? `:${given}` : (given ?? ''),
    flight.dport,
  );
  if (!to) return [{ go: 'open', flight }];
  if (rule.target !== 'REDIRECT') return destinationEffects(flight, place, to);
  const address = redirectAddress(flight, place);
  if (address === null) return [{ go: 'drop', flight }];
  return destinationEffects(flight, place, { ...to, addresses: { low: address, high: address } });
}

function netmap(rule: IptablesRule, flight: Flight, place: Place): readonly Effect[] {
  const to = parsePrefix(option(rule, '--to') ?? '');
  if (!to || to.family !== flight.family) return [{ go: 'open', flight }];
  const host = BigInt((flight.family === 4 ? 32 : 128) - to.length);
  const onSource = place.hook === 'input' || place.hook === 'postrouting';
  const old = BigInt(onSource ? flight.src : flight.dst);
  const mapped = ((BigInt(to.value) >> host) << host) | (old & ((1n << host) - 1n));
  const value = flight.family === 4 ? Number(mapped) : mapped;
  const bound = onSource ? bindSource(flight, value, null) : bindDestination(flight, value, null);
  return [{ go: 'nat', target: endpoint(bound.family, value, bound.dport), flight: bound }];
}

function refuse(rule: IptablesRule, flight: Flight): readonly Effect[] {
  const word = option(rule, '--reject-with') ?? 'port-unreachable';
  if (word === 'tcp-reset' || word === 'tcp-rst') return [{ go: 'reject', refusal: TCP_RESET, flight }];
  const refusal = namedRefusal(flight.family, word.replace(/^icmp6?-/, ''));
  return refusal ? [{ go: 'reject', refusal, flight }] : [{ go: 'queue', flight }];
}

/** xt_CT.c: what conntrack is told ahead of its look at the packet. */
function template(rule: IptablesRule, flight: Flight): Flight {
  if (flight.ct !== 'none') return flight;
  if (rule.targetOptions.some((o) => o.name === '--notrack')) return { ...flight, ct: 'untracked' };
  const zone = rule.targetOptions.find((o) => o.name.startsWith('--zone'));
  if (!zone) return { ...flight, zone: { ...NO_ZONE } };
  const word = zone.words[0] ?? '';
  const id = word === 'mark' ? flight.mark & 0xffff : readNumber(word);
  const side = {
    original: zone.name === '--zone-reply' ? 0 : id,
    reply: zone.name === '--zone-orig' ? 0 : id,
  };
  return { ...flight, zone: { id, ...side } };
}

function hops(rule: IptablesRule, old: number): number {
  for (const { name, words } of rule.targetOptions) {
    const n = readNumber(words[0] ?? '');
    if (name.endsWith('-set')) return n;
    if (name.endsWith('-inc')) return Math.min(255, old + n);
    if (name.endsWith('-dec')) return Math.max(0, old - n);
  }
  return old;
}

/** What follows when the rule matched. */
export function targetEffects(
  rule: IptablesRule,
  flight: Flight,
  place: Place,
  isChain: (name: string) => boolean,
): readonly Effect[] {
  const { target } = rule;
  if (target === null) return rule.problem === null ? [{ go: 'next', flight }] : eitherWay(flight, place);
  if (isChain(target)) return [{ go: rule.goto ? 'goto' : 'jump', chain: target, flight }];
  switch (target) {
    case 'ACCEPT':
      return [{ go: 'accept', flight }];
    case 'DROP':
      return [{ go: 'drop', flight }];
    case 'RETURN':
      return [{ go: 'return', flight }];
    case 'REJECT':
      return refuse(rule, flight);
    case 'MARK': {
      const mark = markChange(rule, flight.mark);
      return [{ go: 'next', flight: mark === null ? flight : { ...flight, mark } }];
    }
    case 'CONNMARK':
      return [{ go: 'next', flight: connmark(rule, flight) }];
    case 'NOTRACK':
      return [{ go: 'next', flight: flight.ct === 'none' ? { ...flight, ct: 'untracked' } : flight }];
    case 'CT':
      return [{ go: 'next', flight: template(rule, flight) }];
    case 'DNAT':
    case 'REDIRECT':
      return destination(rule, flight, place);
    case 'SNAT':
    case 'MASQUERADE': {
      const to = readEndpoint(rule, option(rule, '--to-source') ?? '', flight.sport);
      return to ? sourceEffects(flight, place, to) : [{ go: 'open', flight }];
    }
    case 'NETMAP':
      return netmap(rule, flight, place);
    case 'HMARK':
      return [{ go: 'next', flight: { ...flight, mark: UNTOLD } }];
    case 'SET':
      return [{ go: 'next', flight: has(rule, '--map-mark') ? { ...flight, mark: UNTOLD } : flight }];
    case 'TPROXY':
    case 'SYNPROXY':
    case 'DNPT':
    case 'SNPT':
    case 'CLUSTERIP':
      return [{ go: 'open', flight }];
    case 'TTL':
    case 'HL':
      return [{ go: 'next', flight: { ...flight, ttl: hops(rule, flight.ttl) } }];
    case 'DSCP':
    case 'TOS':
      return [{ go: 'next', flight: tosChange(rule, flight) }];
    default:
      if (PASSING.has(target)) return [{ go: 'next', flight }];
      if (target === 'NFQUEUE' || target === 'QUEUE') return [{ go: 'queue', flight }];
      return eitherWay(flight, place);
  }
}

function eitherWay(flight: Flight, place: Place): readonly Effect[] {
  return [
    { go: 'next', flight: assume(flight, place, false) },
    { go: 'queue', flight: assume(flight, place, true) },
  ];
}

/** A target that is not modelled may end the chain or let the packet go on. */
function assume(flight: Flight, place: Place, matched: boolean): Flight {
  return { ...flight, assumed: { rule: place.rule(), matched, prev: flight.assumed } };
}

function tosChange(rule: IptablesRule, flight: Flight): Flight {
  const dscp = option(rule, '--set-dscp');
  if (dscp !== undefined) return { ...flight, tos: (readNumber(dscp) << 2) | (flight.tos & 3) };
  const tos = option(rule, '--set-tos');
  if (tos === undefined) return flight;
  const [value, mask] = tos.split('/').map(readNumber);
  return { ...flight, tos: (flight.tos & ~(mask ?? 0xff)) ^ (value ?? 0) };
}
