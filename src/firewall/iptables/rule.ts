import { TARGET_OPTIONS, takesWord, wordsAfter } from './options.ts';
import { apart, tokenize } from './tokens.ts';

export interface OptionUse {
  readonly name: string;
  readonly negated: boolean;
  readonly words: readonly string[];
}

/** One `-m NAME` with its options; `tcp`, `udp`, … also when `-p` alone loaded it. */
interface MatchUse {
  readonly module: string;
  readonly options: OptionUse[];
}

export interface IptablesRule {
  /** `-s -d -i -o -p -f` in the order written. */
  readonly core: OptionUse[];
  readonly matches: MatchUse[];
  /** The target's or chain's name; null for a rule that only counts. */
  target: string | null;
  goto: boolean;
  readonly targetOptions: OptionUse[];
  /** What of the line could not be understood; null when all of it was. */
  problem: string | null;
}

const CORE: Readonly<Record<string, string>> = {
  '-s': '-s',
  '--source': '-s',
  '--src': '-s',
  '-d': '-d',
  '--destination': '-d',
  '--dst': '-d',
  '-i': '-i',
  '--in-interface': '-i',
  '-o': '-o',
  '--out-interface': '-o',
  '-p': '-p',
  '--protocol': '-p',
  '--proto': '-p',
  '-f': '-f',
  '--fragment': '-f',
}; // prettier-ignore

// As long as a word is like no other, getopt_long(3) takes it for the whole: a lost target would be a wrong verdict.
const JUMP = /^(-j|--j(u(mp?)?)?)$/;
const GOTO = /^(-g|--g(o(to?)?)?)$/;

/** A rule of a target alone. */
export function bareRule(target: string | null): IptablesRule {
  return { core: [], matches: [], target, goto: false, targetOptions: [], problem: null };
}

/** Takes the words of a rule line (`-A CHAIN …`) apart. Never throws; what is odd is named in `problem`. */
export function parseIptablesRule(line: string): IptablesRule {
  const rule = bareRule(null);
  const { words: tokens, closed } = tokenize(line);
  if (!closed) rule.problem = 'a quote is never closed';
  let negated = false;
  let targetSet: ReadonlySet<string> | null = null;
  for (let i = 2; i < tokens.length; i++) {
    const joined = apart(tokens[i] as string);
    if (joined) tokens.splice(i, 1, ...joined);
    const word = tokens[i] as string;
    if (word === '!') {
      negated = true;
      continue;
    }
    const core = CORE[word];
    if (word === '-m' || word === '--match') rule.matches.push({ module: tokens[++i] ?? '', options: [] });
    else if (JUMP.test(word) || GOTO.test(word)) {
      if (rule.target !== null) rule.problem = `${word} stands there twice`;
      rule.target = tokens[++i] ?? '';
      rule.goto = GOTO.test(word);
      targetSet = Object.hasOwn(TARGET_OPTIONS, rule.target) ? (TARGET_OPTIONS[rule.target] ?? null) : null;
    } else if (core === '-f') rule.core.push({ name: '-f', negated, words: [] });
    else if (word === '-c' || word === '--set-counters') i += 2;
    else if (word === '-4' || word === '--ipv4') rule.core.push({ name: '-4', negated, words: [] });
    else if (word === '-6' || word === '--ipv6') rule.core.push({ name: '-6', negated, words: [] });
    else if (word === '-w' || word === '--wait') {
      if (/^\d+$/.test(tokens[i + 1] ?? '')) i++;
    } else if (core !== undefined) {
      if (tokens[i + 1] === '!') {
        negated = true;
        i++;
      }
      const value = tokens[++i];
      if (value === undefined) rule.problem = `${word} has no value`;
      else rule.core.push({ name: core, negated, words: [value] });
    } else if (word.startsWith('--')) {
      const count = takesWord(word, tokens[i + 1]) ? wordsAfter(word) : 0;
      if (count > 0 && tokens[i + 1] === '!') {
        negated = true;
        i++;
      }
      const values = tokens.slice(i + 1, i + 1 + count);
      i += count;
      if (values.length < wordsAfter(word)) rule.problem = `${word} has no value`;
      const option = { name: word, negated, words: values };
      if (targetSet?.has(word) || (rule.target !== null && targetSet === null))
        rule.targetOptions.push(option);
      else ownerOf(rule, word).options.push(option);
    } else rule.problem = `"${word}" is not an option`;
    negated = false;
  }
  return rule;
}

/** Saved listings print a module's options after its -m; hand-written files also rely on -p to load one. */
function ownerOf(rule: IptablesRule, option: string): MatchUse {
  const last = rule.matches[rule.matches.length - 1];
  const isPort =
    /^--(sport|dport|source-port|destination-port|syn|tcp-flags|tcp-option|icmp-type|icmpv6-type)$/.test(
      option,
    );
  if (last && (!isPort || PROTOCOL_MODULES.has(last.module))) return last;
  for (const match of rule.matches) if (isPort && PROTOCOL_MODULES.has(match.module)) return match;
  const protocol = rule.core.find((o) => o.name === '-p')?.words[0] ?? '';
  const implied: MatchUse = {
    module: protocol === 'ipv6-icmp' || protocol === 'icmpv6' ? 'icmp6' : protocol,
    options: [],
  };
  rule.matches.push(implied);
  return implied;
}

const PROTOCOL_MODULES = new Set([
  'tcp',
  'udp',
  'udplite',
  'sctp',
  'dccp',
  'icmp',
  'icmp6',
  'icmpv6',
  'mh',
  'esp',
  'ah',
]);
