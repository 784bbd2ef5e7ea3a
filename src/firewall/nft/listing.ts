import type { Base } from '../walk/effect.ts';
import type { Family, Hook } from '../types.ts';
import { plainEnd, valueEnd } from './extent.ts';
import { isObject, type Json, list, member, text as asText } from './json.ts';
import { Openings } from './openings.ts';
import { Slots } from './slots.ts';
import { Template } from './template.ts';

export interface NftChain {
  readonly name: string;
  readonly base: Base | null;
  /** Where its rules lie in the listing; each is read when the packet reaches it. */
  readonly rules: Slots;
}

export interface NftTable {
  readonly family: Family;
  readonly name: string;
  readonly chains: Map<string, NftChain>;
  /** Sets and maps by name: where each one's object lies. */
  readonly sets: Map<string, { start: number; end: number }>;
  /** Named limits, quotas and the like: `limit/NAME`. */
  readonly objects: Map<string, Json>;
  dormant: boolean;
  /** Flags of the table that are none: as they stand in the listing. */
  strangeFlags?: string;
}

export interface NftListing {
  readonly text: string;
  readonly tables: Map<string, NftTable>;
  readonly problems: string[];
  readonly openings: Openings;
}

const RULE_HEAD =
  /\{\s*"rule"\s*:\s*\{\s*"family"\s*:\s*"(\w+)"\s*,\s*"table"\s*:\s*"([^"\\]*)"\s*,\s*"chain"\s*:\s*"([^"\\]*)"\s*,\s*"handle"\s*:\s*(\d+)/y;
/** All of a chain that hangs on no hook. */
const USER_CHAIN =
  /\{\s*"chain"\s*:\s*\{\s*"family"\s*:\s*"(\w+)"\s*,\s*"table"\s*:\s*"([^"\\]*)"\s*,\s*"name"\s*:\s*"([^"\\]*)"\s*,\s*"handle"\s*:\s*\d+\s*\}\s*\}/y;
const SET_HEAD =
  /\{\s*"(?:set|map)"\s*:\s*\{\s*"family"\s*:\s*"(\w+)"\s*,\s*"name"\s*:\s*"([^"\\]*)"\s*,\s*"table"\s*:\s*"([^"\\]*)"/y;
/** nft(8), "TABLES". nft 1.0.6 (Debian 12) prints memory of its own in their place: the name of some table. */
const TABLE_FLAGS: ReadonlySet<Json> = new Set(['dormant', 'owner', 'persist']);
const HOOKS = new Set(['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress']);

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function baseOf(chain: Json): Base | null {
  const hook = asText(member(chain, 'hook'));
  if (hook === undefined || !HOOKS.has(hook)) return null;
  const prio = member(chain, 'prio');
  const type = member(chain, 'type');
  const dev = member(chain, 'dev') ?? member(chain, 'devs');
  return {
    hook: hook as Hook,
    priority: typeof prio === 'number' ? prio : 0,
    type: type === 'nat' || type === 'route' ? type : 'filter',
    policy: member(chain, 'policy') === 'drop' ? 'drop' : 'accept',
    devices: typeof dev === 'string' ? [dev] : list(dev).filter((d): d is string => typeof d === 'string'),
  };
}

/** How rules of one chain begin, up to the number of their handle. */
class Head {
  readonly written: string;
  readonly length: number;
  /** The rule's own object, and the one it is in. */
  readonly objects = 2;
  readonly rules: Slots;
  /** The last of them that was looked through. */
  template: Template | null = null;

  constructor(written: string, rules: Slots) {
    this.written = written;
    this.length = written.length;
    this.rules = rules;
  }

  begins(text: string, at: number): boolean {
    const c = text.charCodeAt(at + this.length);
    return c >= 48 && c <= 57 && text.startsWith(this.written, at);
  }
}

class Reader {
  readonly tables = new Map<string, NftTable>();
  readonly problems: string[] = [];
  private readonly source: string;
  readonly openings: Openings;
  /** How the last rule began, up to its handle, and its chain: the next one is mostly of the same. */
  private last: Head | null = null;

  constructor(source: string) {
    this.source = source;
    this.openings = new Openings(source);
  }

  table(family: string, name: string): NftTable {
    const key = `${family} ${name}`;
    let table = this.tables.get(key);
    if (!table) {
      table = {
        family: family as Family,
        name,
        chains: new Map(),
        sets: new Map(),
        objects: new Map(),
        dormant: false,
      };
      this.tables.set(key, table);
    }
    return table;
  }

  private slots(family: string, table: string, chain: string): Slots | undefined {
    const rules = this.table(family, table).chains.get(chain)?.rules;
    if (!rules) this.complain(`a rule of chain ${chain} comes before its chain`);
    return rules;
  }

  complain(problem: string): void {
    if (this.problems.length < 20) this.problems.push(problem);
  }

  /** Takes in the object that begins at `start`; returns the offset past it, -1 when the text ends inside it. */
  element(start: number): number {
    const { source, last } = this;
    const isLike = last?.begins(source, start) === true;
    const likeLast = isLike ? (last.template?.endOf(source, start + last.length) ?? -1) : -1;
    if (isLike && likeLast >= 0) {
      last.rules.add(start, likeLast, true);
      return likeLast;
    }
    const plain = isSet(source, start)
      ? -1
      : plainEnd(source, start, isLike ? last : undefined, this.openings);
    const end = plain < 0 ? valueEnd(source, start) : plain;
    if (end < 0) return -1;
    if (isLike) {
      last.rules.add(start, end, plain >= 0);
      last.template = plain < 0 ? null : Template.of(source, start + last.length, end);
    } else this.other(start, end, plain >= 0);
    return end;
  }

  /** @param plain whether the object is certainly sound JSON */
  private other(start: number, end: number, plain: boolean): void {
    this.last = null;
    RULE_HEAD.lastIndex = start;
    const rule = RULE_HEAD.exec(this.source);
    if (rule) {
      const rules = this.slots(rule[1] as string, rule[2] as string, rule[3] as string);
      rules?.add(start, end, plain);
      const head = rule[0].slice(0, rule[0].length - (rule[4] as string).length);
      if (rules && plain) this.last = new Head(head, rules);
      return;
    }
    USER_CHAIN.lastIndex = start;
    const chain = plain ? USER_CHAIN.exec(this.source) : null;
    if (chain) {
      const name = chain[3] as string;
      this.table(chain[1] as string, chain[2] as string).chains.set(name, {
        name,
        base: null,
        rules: new Slots(),
      });
      return;
    }
    SET_HEAD.lastIndex = start;
    const set = SET_HEAD.exec(this.source);
    if (set) {
      this.table(set[1] as string, set[3] as string).sets.set(set[2] as string, { start, end });
      return;
    }
    const value = parse(this.source.slice(start, end));
    if (!isObject(value))
      return this.complain(`not understood: ${this.source.slice(start, Math.min(end, start + 120))}`);
    for (const [kind, body] of Object.entries(value)) this.object(kind, body, start, end);
  }

  private object(kind: string, body: Json, start: number, end: number): void {
    if (kind === 'metainfo') {
      const version = member(body, 'json_schema_version');
      if (version !== undefined && version !== 1)
        this.complain(`the listing has JSON schema version ${JSON.stringify(version)}; 1 is understood`);
      return;
    }
    const family = asText(member(body, 'family'));
    const name = asText(member(body, 'name'));
    const table = asText(member(body, 'table'));
    if (family === undefined) return this.complain(`an object "${kind}" without a family`);
    if (kind === 'table' && name !== undefined) {
      const flags = member(body, 'flags');
      const words = flags === undefined ? [] : Array.isArray(flags) ? flags : [flags];
      const listed = this.table(family, name);
      listed.dormant = words.includes('dormant');
      if (words.some((word) => !TABLE_FLAGS.has(word))) listed.strangeFlags = JSON.stringify(flags);
    } else if (kind === 'chain' && name !== undefined && table !== undefined) {
      const hook = member(body, 'hook');
      if (hook !== undefined && !HOOKS.has(hook as string))
        this.complain(
          `chain ${name} of table ${family} ${table} hangs on a hook that is not known: ${JSON.stringify(hook)}`,
        );
      this.table(family, table).chains.set(name, { name, base: baseOf(body), rules: new Slots() });
    } else if (kind === 'rule' && table !== undefined) {
      this.slots(family, table, asText(member(body, 'chain')) ?? '')?.add(start, end, false);
    } else if ((kind === 'set' || kind === 'map') && name !== undefined && table !== undefined) {
      this.table(family, table).sets.set(name, { start, end });
    } else if (name !== undefined && table !== undefined) {
      this.table(family, table).objects.set(`${kind}/${name}`, body);
    }
    return undefined;
  }
}

/** A set is read whole or not at all, so that nothing is gained by looking at each of its elements first. */
function isSet(text: string, at: number): boolean {
  return text.startsWith('{"set"', at) || text.startsWith('{"map"', at);
}

/** White space and commas: what stands between objects. */
function isBetween(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === 44 || c === 32 || (c !== 123 && c !== 93 && /\s/.test(text.charAt(at)));
}

/**
 * Reads what `nft -j list ruleset` prints (libnftables-json(5)). Rules and sets are only located, and read when
 * a packet reaches them. Never throws: what is not such a listing, or ends early, becomes `problems`.
 */
export function parseNftJson(text: string): NftListing {
  const reader = new Reader(text);
  const { tables, problems, openings } = reader;
  const done = { text, tables, problems, openings };
  const key = /^\s*\{\s*"nftables"\s*:\s*\[/.exec(text);
  if (!key) {
    reader.complain('not a listing of nft -j list ruleset');
    return done;
  }
  let at = key[0].length;
  for (;;) {
    while (at < text.length && isBetween(text, at)) at++;
    const c = text.charCodeAt(at);
    if (c === 93) break;
    const end = c === 123 ? reader.element(at) : -1;
    if (end < 0) {
      reader.complain(
        c === 123 || at >= text.length
          ? 'the listing ends early'
          : 'the listing holds something that is no object',
      );
      return done;
    }
    at = end;
  }
  if (!/^\s*\}\s*$/.test(text.slice(at + 1, at + 200))) reader.complain('the listing ends early');
  return done;
}

/** Reads one located object anew; undefined when it is not sound JSON. */
export function readSlot(listing: NftListing, slot: { start: number; end: number }): Json {
  return parse(listing.text.slice(slot.start, slot.end));
}

/** A rule's handle, read ahead of all that could be unsound in it; undefined where it has none. */
export function handleAt({ text }: NftListing, start: number, rule: Json): number | undefined {
  RULE_HEAD.lastIndex = start;
  const head = RULE_HEAD.exec(text);
  if (head) return Number(head[4]);
  const handle = member(rule, 'handle');
  return typeof handle === 'number' ? handle : undefined;
}

/**
 * Reads some rules that follow each other, all at once.
 * @returns one value for each; undefined for all when something stands between them or they are not sound JSON
 */
export function readSlots(listing: NftListing, slots: Slots, from: number, to: number): readonly Json[] {
  const none = Array.from({ length: Math.max(0, to - from) }, (): Json => undefined);
  if (none.length === 0) return none;
  const start = slots.start(from);
  const end = slots.end(to - 1);
  let own = 8 * none.length;
  for (let index = from; index < to; index++) own += slots.end(index) - slots.start(index);
  if (end - start > own) return none;
  const values = parse(`[${listing.text.slice(start, end)}]`);
  return Array.isArray(values) && values.length === none.length ? (values as Json[]) : none;
}
