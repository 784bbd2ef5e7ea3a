import { type Answer, either, type Effect, type Place, UNCHANGED } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { glance } from './glance.ts';
import * as packet from './match-packet.ts';
import type { Match, Trial } from './match-packet.ts';
import * as state from './match-state.ts';
import { bareRule, type IptablesRule, type OptionUse, parseIptablesRule } from './rule.ts';
import { isPassThrough, targetEffects } from './target.ts';
import { inSpec, matchesInterface, readProtocol } from './values.ts';

const always: Match = () => true;
const never: Match = () => false;

/** The modules that are modelled. Every other one is followed both ways. */
const MODULES: Readonly<Record<string, Match>> = {
  tcp: packet.tcp,
  udp: packet.tcp,
  udplite: packet.tcp,
  dccp: packet.tcp,
  sctp: packet.tcp,
  multiport: packet.multiport,
  icmp: packet.icmp,
  icmp6: packet.icmp,
  icmpv6: packet.icmp,
  iprange: packet.iprange,
  mac: packet.mac,
  ttl: packet.ttl,
  hl: packet.ttl,
  length: packet.length,
  pkttype: packet.pkttype,
  dscp: packet.dscp,
  tos: packet.tos,
  ecn: packet.ecn,
  addrtype: packet.addrtype,
  physdev: packet.physdev,
  rpfilter: packet.rpfilter,
  state: state.state,
  conntrack: state.conntrack,
  mark: state.mark,
  connmark: state.connmark,
  limit: state.limit,
  hashlimit: state.hashlimit,
  connlimit: state.connlimit,
  quota: state.quota,
  statistic: state.statistic,
  recent: state.recent,
  helper: state.helper,
  policy: state.policy,
  comment: always,
  standard: always,
  nfacct: always,
  rt: never,
  frag: never,
  hbh: never,
  dst: never,
  mh: never,
  srh: never,
  ah: never,
  esp: never,
  l2tp: never,
}; // prettier-ignore

function coreHolds(o: OptionUse, f: Flight): Answer {
  const value = o.words[0] ?? '';
  switch (o.name) {
    case '-s':
      return either(o.negated, inSpec(f.family, f.src, value) ?? 'unknown');
    case '-d':
      return either(o.negated, inSpec(f.family, f.dst, value) ?? 'unknown');
    case '-i':
      return either(o.negated, matchesInterface(value, f.iif));
    case '-o':
      return either(o.negated, matchesInterface(value, f.oif));
    case '-p': {
      const protocol = readProtocol(value);
      if (Number.isNaN(protocol)) return 'unknown';
      return either(o.negated, protocol === 0 || protocol === f.protocol);
    }
    case '-f':
      return o.negated;
    default:
      return (o.name === '-6') === (f.family === 6);
  }
}

/** Do all matches of the rule hold for the trial's flight? Rate matches come last: they only count once the rest holds. */
function ruleMatches(rule: IptablesRule, trial: Trial): Answer {
  let result: Answer = rule.problem === null ? true : 'unknown';
  for (const option of rule.core) {
    const answer = coreHolds(option, trial.flight);
    if (answer === false) return false;
    if (answer === 'unknown') result = 'unknown';
  }
  for (const { module, options } of rule.matches) {
    const match = Object.hasOwn(MODULES, module) ? MODULES[module] : undefined;
    const answer = match ? match(options, trial) : 'unknown';
    if (answer === false) return false;
    if (answer === 'unknown') result = 'unknown';
  }
  return result;
}

/**
 * What the rule on this line does with the flight.
 * @param isChain tells a user chain's name from a target's
 */
export function evaluateLine(
  line: string,
  flight: Flight,
  place: Place,
  isChain: (name: string) => boolean,
): readonly Effect[] {
  const glanced = glance(line, flight);
  if (glanced === false) return UNCHANGED;
  if (glanced !== null) {
    if (isChain(glanced)) return [{ go: 'jump', chain: glanced, flight }];
    const matching = bareRule(glanced);
    return isPassThrough(matching, isChain) ? UNCHANGED : targetEffects(matching, flight, place, isChain);
  }
  const rule = parseIptablesRule(line);
  const passing = isPassThrough(rule, isChain);
  if (passing && !rule.matches.some((m) => m.module === 'recent')) return UNCHANGED;
  const trial: Trial = { flight, place, rate: false };
  const matched = ruleMatches(rule, trial);
  if (matched === false) return trial.flight === flight ? UNCHANGED : [{ go: 'next', flight: trial.flight }];
  if (trial.rate && !passing) place.findings.dependsOnRate.add(place.rule());
  if (matched === true) return targetEffects(rule, trial.flight, place, isChain);
  const before = flight.assumed;
  const yes = { ...trial.flight, assumed: { rule: place.rule(), matched: true, prev: before } };
  const no = { ...flight, assumed: { rule: place.rule(), matched: false, prev: before } };
  return [{ go: 'next', flight: no }, ...targetEffects(rule, yes, place, isChain)];
}
