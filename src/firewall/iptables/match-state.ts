import type { Answer } from '../walk/effect.ts';
import { hasTemplate } from '../walk/flight.ts';
import { every, type Match, type Trial } from './match-packet.ts';
import type { OptionUse } from './rule.ts';
import { inPortRange, inSpec, readMasked, readNumber, readProtocol } from './values.ts';

const word = (o: OptionUse) => o.words[0] ?? '';

/** Has conntrack an entry for the packet? Not before it looked, not for untracked or invalid packets. */
function hasEntry(trial: Trial): boolean {
  const { ct } = trial.flight;
  return ct === 'new' || ct === 'established' || ct === 'related';
}

function stateHolds(list: string, trial: Trial): Answer | null {
  const { ct, connection } = trial.flight;
  let unsure = false;
  for (const name of list.toUpperCase().split(',')) {
    if (name === 'INVALID' && (ct === 'invalid' || ct === 'none')) return true;
    if (name === 'NEW' && ct === 'new') return true;
    if (name === 'ESTABLISHED' && ct === 'established') return true;
    if (name === 'RELATED' && ct === 'related') return true;
    if (name === 'UNTRACKED' && ct === 'untracked') return true;
    if (name === 'SNAT' && hasEntry(trial) && connection.snat) return true;
    if (name === 'DNAT' && hasEntry(trial) && connection.dnat) return true;
    if (!/^(INVALID|NEW|ESTABLISHED|RELATED|UNTRACKED|SNAT|DNAT)$/.test(name)) unsure = true;
  }
  return unsure ? null : false;
}

/** `-m state` is conntrack's state alone. */
export const state: Match = (options, trial) =>
  hasTemplate(trial.flight) ? 'unknown' : every(options, (o) => stateHolds(word(o), trial));

function entryHolds(o: OptionUse, trial: Trial): Answer | null {
  const { connection: c, family, replyDirection } = trial.flight;
  const value = word(o);
  switch (o.name) {
    case '--ctproto':
      return readProtocol(value) === trial.flight.protocol;
    case '--ctorigsrc':
      return inSpec(family, c.original.src, value);
    case '--ctorigdst':
      return inSpec(family, c.original.dst, value);
    case '--ctreplsrc':
      return inSpec(family, c.reply.src, value);
    case '--ctrepldst':
      return inSpec(family, c.reply.dst, value);
    case '--ctorigsrcport':
      return inPortRange(c.original.sport, value);
    case '--ctorigdstport':
      return inPortRange(c.original.dport, value);
    case '--ctreplsrcport':
      return inPortRange(c.reply.sport, value);
    case '--ctrepldstport':
      return inPortRange(c.reply.dport, value);
    case '--ctdir':
      return (value.toUpperCase() === 'REPLY') === replyDirection;
    case '--ctstatus':
      return value.split(',').some((s) => {
        const name = s.toUpperCase();
        return (name === 'SEEN_REPLY' && c.seenReply) || (name === 'CONFIRMED' && c.confirmed);
      });
    default:
      return null;
  }
}

/** xt_conntrack.c: without an entry only the state can hold, whatever else is asked or negated. */
export const conntrack: Match = (options, trial) => {
  if (hasTemplate(trial.flight)) return 'unknown';
  const states = options.filter((o) => o.name === '--ctstate');
  const held = every(states, (o) => stateHolds(word(o), trial));
  if (held === false) return false;
  if (!hasEntry(trial)) return states.length > 0 ? held : false;
  const rest = every(options, (o) => (o.name === '--ctstate' ? !o.negated : entryHolds(o, trial)));
  return rest === true ? held : rest;
};

function masked(o: OptionUse, value: number): Answer | null {
  const spec = readMasked(word(o));
  return spec && value >= 0 ? (value & spec.mask) >>> 0 === spec.value : null;
}

export const mark: Match = (options, { flight }) => every(options, (o) => masked(o, flight.mark));

export const connmark: Match = (options, trial) =>
  hasEntry(trial) ? every(options, (o) => masked(o, trial.flight.connection.mark)) : false;

export const limit: Match = (_options, trial) => {
  trial.rate = true;
  return true;
};

export const hashlimit: Match = (options, trial) => {
  trial.rate = true;
  return every(options, (o) => {
    if (o.name === '--hashlimit-above') return false;
    return o.name.startsWith('--hashlimit') ? !o.negated : null;
  });
};

export const connlimit: Match = (options, trial) => {
  trial.rate = true;
  return every(options, (o) => {
    const most = readNumber(word(o));
    if (o.name === '--connlimit-above') return Number.isNaN(most) ? null : 1 > most;
    if (o.name === '--connlimit-upto') return Number.isNaN(most) ? null : 1 <= most;
    return !o.negated;
  });
};

export const quota: Match = (options, trial) => {
  trial.rate = true;
  return every(options, (o) => {
    const bytes = Number(word(o));
    return o.name === '--quota' && Number.isFinite(bytes) ? bytes >= trial.flight.length : null;
  });
};

/** From here on a turn of the nth mode is taken to be far off for a counter that starts anew. */
const FAR = 100;

/** Where the counter of the nth mode stands is in no listing, nor can the random mode be foretold. */
export const statistic: Match = (options, trial) => {
  const number = (name: string) => {
    const option = options.find((o) => o.name === name);
    return option ? readNumber(word(option)) : Number.NaN;
  };
  const inverted = options.some((o) => o.negated);
  if (number('--every') === 1) return !inverted;
  if (!(number('--packet') >= FAR)) return 'unknown';
  trial.rate = true;
  return inverted;
};

/** xt_recent.c on lists that are empty but for what this very packet left in them. */
export const recent: Match = (options, trial) => {
  trial.rate = true;
  const has = (name: string) => options.some((o) => o.name === name);
  const value = (name: string) => options.find((o) => o.name === name)?.words[0];
  const inverted = options.some((o) => o.negated);
  const side = has('--rdest') ? 'd' : 's';
  const key = `recent:${value('--name') ?? 'DEFAULT'}:${side === 'd' ? trial.flight.dst : trial.flight.src}`;
  const stamps = trial.flight.memory.get(key) ?? 0;
  const remember = (count: number) => {
    const memory = new Map(trial.flight.memory);
    memory.set(key, count);
    trial.flight = { ...trial.flight, memory };
  };
  if (has('--set')) {
    remember(stamps + 1);
    return !inverted;
  }
  if (stamps === 0) return inverted;
  if (has('--remove')) {
    remember(0);
    return !inverted;
  }
  const hits = Number(value('--hitcount') ?? '1');
  const matched = stamps >= hits;
  if (has('--update') && matched !== inverted) remember(stamps + 1);
  return matched !== inverted;
};

export const helper: Match = (options) => options.some((o) => o.negated);

/** Nothing on these paths is wrapped in IPsec. */
export const policy: Match = (options) => {
  const pol = options.find((o) => o.name === '--pol');
  if (!pol) return 'unknown';
  return (word(pol) === 'none') !== pol.negated;
};
