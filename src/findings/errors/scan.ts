import type { KnownError } from './known-error.ts';
import { type Match, matchLine } from './match-line.ts';

/** A longer line is looked at in pieces that overlap, so that memory stays bounded. */
const longestLine = 8192;
const overlap = 1024;

/** A known message of a log, with how often it came. */
export interface Seen extends Match {
  count: number;
}

/** Takes a log piece by piece and keeps what is known of it: memory does not grow with the log. */
export interface Scan {
  /** The next piece of text, cut anywhere. */
  add(text: string): void;
  /** The end of the log: its distinct messages with their first line, the most telling first. */
  end(): Seen[];
}

/** Begins to look through a log. Nothing it does throws. */
export function startScan(): Scan {
  const seen = new Map<string, Seen>();
  let rest = '';
  let isContinued = false;
  const look = (text: string, cutAtEnd: boolean): void => {
    const match = matchLine(wholeWords(text, isContinued, cutAtEnd));
    if (match === undefined) return;
    // The same message about another place is another suspicion.
    const key = `${match.error.id} ${match.suspicion === match.error ? '' : match.place}`;
    const before = seen.get(key);
    if (before === undefined) seen.set(key, { ...match, count: 1 });
    else before.count += 1;
  };
  const addLine = (line: string, isWhole: boolean): void => {
    let left = line;
    while (left.length > longestLine) {
      look(left.slice(0, longestLine), true);
      left = left.slice(longestLine - overlap);
      isContinued = true;
    }
    if (!isWhole) {
      rest = left;
      return;
    }
    look(left, false);
    rest = '';
    isContinued = false;
  };
  return {
    add(text) {
      const lines = text.split(/\r\n|\n|\r/u);
      const last = lines.pop() ?? '';
      for (const [index, line] of lines.entries()) addLine(index === 0 ? rest + line : line, true);
      addLine(lines.length === 0 ? rest + last : last, false);
    },
    end() {
      addLine(rest, true);
      const all = [...seen.values()];
      // Node tells `code: 'ECONNREFUSED'` again in a line of its own, without the address.
      const told = (match: Seen): boolean =>
        match.place === undefined && all.some((one) => one.error === match.error && one.place !== undefined);
      return all.filter((match) => !told(match)).sort((a, b) => rank(a) - rank(b));
    },
  };
}

/** A word that was cut may be the half of a password, by which nobody can tell that it is one. */
function wholeWords(text: string, cutAtStart: boolean, cutAtEnd: boolean): string {
  const start = cutAtStart ? text.search(/\s/u) : 0;
  if (start < 0) return '';
  const end = cutAtEnd ? Math.max(text.lastIndexOf(' '), text.lastIndexOf('\t')) : text.length;
  return end <= start ? '' : text.slice(start, end);
}

const order: Record<KnownError['telling'], number> = { reason: 0, symptom: 1, wrapper: 2 };

/** Small for what tells much: reasons before symptoms, and of two alike the one that names an address. */
function rank(match: Match): number {
  return order[match.error.telling] * 2 + (match.place === undefined ? 1 : 0);
}
