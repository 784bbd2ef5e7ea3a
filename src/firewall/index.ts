export { decide } from './decide.ts';
export { parseIptablesSave } from './iptables/listing.ts';
export type { Counters, SavedChain, SavedRule } from './iptables/chain.ts';
export type { SavedListing, SavedTable } from './iptables/listing.ts';
export type {
  Backend,
  DecideInput,
  Decision,
  Family,
  Hook,
  HostAddress,
  HostFacts,
  HostRoute,
  Packet,
  RoutingReason,
  RuleReference,
  RulesetInput,
  Seen,
  TraceStep,
  Verdict,
} from './types.ts';
export { counterGrowth } from './counters.ts';
export type { Growth, RulePlace } from './counters.ts';
export { spliceIptablesSave, unspliceIptablesSave } from './iptables/splice.ts';
export type { Splice } from './iptables/splice.ts';
export { candidateSources } from './candidates.ts';
export { describeRule, firewalldZone, isUfwPolicy, ownerOf } from './owners.ts';
export type { Owner } from './owners.ts';
