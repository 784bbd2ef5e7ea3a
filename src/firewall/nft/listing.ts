import type { Base } from '../walk/effect.ts';
import type { Family, Hook } from '../types.ts';
import { isObject, type Json, list, member, text as asText } from './json.ts';

/** Where a rule's object lies in the listing; it is read when the packet reaches it. */
interface RuleSlot {
  readonly start: number;
  readonly end: number;
  readonly handle: number | undefined;
}

export interface NftChain {
  readonly name: string;
  readonly base: Base | null;
  readonly rules: RuleSlot[];
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
}

const RULE_HEAD =
  /\{\s*"rule"\s*:\s*\{\s*"family"\s*:\s*"(\w+)"\s*,\s*"table"\s*:\s*"([^"\\]*)"\s*,\s*"chain"\s*:\s*"([^"\\]*)"\s*,\s*"handle"\s*:\s*(\d+)/y;
const SET_HEAD =
  /\{\s*"(?:set|map)"\s*:\s*\{\s*"family"\s*:\s*"(\w+)"\s*,\s*"name"\s*:\s*"([^"\\]*)"\s*,\s*"table"\s*:\s*"([^"\\]*)"/y;
/** nft(8), "TABLES". nft 1.0.6 (Debian 12) prints memory of its own in their place: the name of some table. */
const TABLE_FLAGS: ReadonlySet<Json> = new Set(['dormant', 'owner', 'persist']);
const HOOKS = new Set(['ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress']);

/** Offset just past the JSON value that begins with a bracket at `at`; -1 when the text ends inside it. */
function valueEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) {
      do {
        i = text.indexOf('"', i + 1);
        if (i < 0) return -1;
      } while (isEscaped(text, i));
    } else if (c === 123 || c === 91) depth++;
    else if (c === 125 || c === 93) {
      if (--depth === 0) return i + 1;
    }
  }
  return -1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++;
  return backslashes % 2 === 1;
}

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

class Reader {
  readonly tables = new Map<string, NftTable>();
  readonly problems: string[] = [];
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
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

  private rule(family: string, table: string, chain: string, slot: RuleSlot): void {
    const target = this.table(family, table).chains.get(chain);
    if (target) target.rules.push(slot);
    else this.complain(`a rule of chain ${chain} comes before its chain`);
  }

  complain(problem: string): void {
    if (this.problems.length < 20) this.problems.push(problem);
  }

  element(start: number, end: number): void {
    RULE_HEAD.lastIndex = start;
    const rule = RULE_HEAD.exec(this.source);
    if (rule) {
      const slot = { start, end, handle: Number(rule[4]) };
      this.rule(rule[1] as string, rule[2] as string, rule[3] as string, slot);
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
      this.table(family, table).chains.set(name, { name, base: baseOf(body), rules: [] });
    } else if (kind === 'rule' && table !== undefined) {
      const handle = member(body, 'handle');
      const slot = { start, end, handle: typeof handle === 'number' ? handle : undefined };
      this.rule(family, table, asText(member(body, 'chain')) ?? '', slot);
    } else if ((kind === 'set' || kind === 'map') && name !== undefined && table !== undefined) {
      this.table(family, table).sets.set(name, { start, end });
    } else if (name !== undefined && table !== undefined) {
      this.table(family, table).objects.set(`${kind}/${name}`, body);
    }
    return undefined;
  }
}

/**
 * Reads what `nft -j list ruleset` prints (libnftables-json(5)). Rules and sets are only located, and read when
 * a packet reaches them. Never throws: what is not such a listing, or ends early, becomes `problems`.
 */
export function parseNftJson(text: string): NftListing {
  const reader = new Reader(text);
  const done = { text, tables: reader.tables, problems: reader.problems };
  const key = /^\s*\{\s*"nftables"\s*:\s*\[/.exec(text);
  if (!key) {
    reader.complain('not a listing of nft -j list ruleset');
    return done;
  }
  let at = key[0].length;
  for (;;) {
    while (at < text.length && /[\s,]/.test(text[at] as string)) at++;
    const c = text.charCodeAt(at);
    if (c === 93) break;
    const end = c === 123 ? valueEnd(text, at) : -1;
    if (end < 0) {
      reader.complain(
        c === 123 || at >= text.length
          ? 'the listing ends early'
          : 'the listing holds something that is no object',
      );
      return done;
    }
    reader.element(at, end);
    at = end;
  }
  if (!/^\s*\}\s*$/.test(text.slice(at + 1, at + 200))) reader.complain('the listing ends early');
  return done;
}

/** Reads one located object anew; undefined when it is not sound JSON. */
export function readSlot(listing: NftListing, slot: { start: number; end: number }): Json {
  return parse(listing.text.slice(slot.start, slot.end));
}

/**
 * Reads located objects that follow each other, all at once.
 * @returns one value for each; undefined for all when something stands between them or they are not sound JSON
 */
export function readSlots(
  listing: NftListing,
  slots: readonly { start: number; end: number }[],
): readonly Json[] {
  const none = slots.map((): Json => undefined);
  const first = slots[0];
  const last = slots.at(-1);
  if (!first || !last) return none;
  const own = slots.reduce((sum, slot) => sum + slot.end - slot.start, 0);
  if (last.end - first.start > own + 8 * slots.length) return none;
  const values = parse(`[${listing.text.slice(first.start, last.end)}]`);
  return Array.isArray(values) && values.length === slots.length ? (values as Json[]) : none;
}
