import { either } from '../walk/effect.ts';
import type { Flight } from '../walk/flight.ts';
import { inPortRange, inSpec, matchesInterface, readProtocol } from './values.ts';

/** The modules that say nothing on their own; every other one is a question already. */
const GLANCED = new Set(['comment', 'tcp', 'udp']);

/**
 * Reads a rule line from left to right, only as far as it takes to know that it does not match.
 *
 * Rules of long chains mostly fail by their first words (`-s 192.0.2.7/32`), and many of the others only lead on
 * (`-i eth0 -j zone`). Whatever is not that simple is left to who reads whole lines: nothing is guessed here.
 * @returns false: it does not match; a word: it matches, and `-j WORD` is all that follows; null: nothing is known
 */
export function glance(line: string, flight: Flight): false | string | null {
  if (line.includes('\t') || line.includes("'")) return null;
  const hasQuotes = line.includes('"');
  const chainEnd = line.indexOf(' ', 3);
  let module = '';
  for (let at = nextWord(line, chainEnd); at > 0; ) {
    const negated = line.charCodeAt(at) === 33;
    if (negated) at = nextWord(line, at + 1);
    const optionEnd = wordEnd(line, at);
    const valueAt = nextWord(line, optionEnd);
    if (at < 0 || valueAt < 0) return null;
    const option = line.slice(at, optionEnd);
    let end = wordEnd(line, valueAt);
    if (option === '--comment' && module === 'comment' && !negated) end = commentEnd(line, valueAt, end);
    else {
      const value = line.slice(valueAt, end);
      if (value === '!' || (hasQuotes && value.includes('"'))) return null;
      if (option === '-j') return end === line.length && !negated && isPlain(line, chainEnd) ? value : null;
      if (option === '-m' && !negated) {
        if (!GLANCED.has(value)) return null;
        module = value;
      } else {
        const held = holds(option, value, module, flight);
        if (held === null) return null;
        if (!either(negated, held)) return false;
      }
    }
    at = nextWord(line, end);
  }
  return null;
}

function wordEnd(line: string, at: number): number {
  const blank = line.indexOf(' ', at);
  return blank < 0 ? line.length : blank;
}

/** The offset of the word after a single blank; -1 where there is none. */
function nextWord(line: string, at: number): number {
  return line.charCodeAt(at) === 32 && at + 1 < line.length && line.charCodeAt(at + 1) !== 32 ? at + 1 : -1;
}

/** Has the chain's name no quote in it? */
function isPlain(line: string, chainEnd: number): boolean {
  const quote = line.indexOf('"');
  return quote < 0 || quote > chainEnd;
}

/** The end of a comment's word or words; -1 where that takes more than a look. */
function commentEnd(line: string, at: number, end: number): number {
  const word = line.slice(at, end);
  if (word === '!' || word === '"!"') return -1;
  if (line.charCodeAt(at) !== 34) return word.includes('"') ? -1 : end;
  const close = line.indexOf('"', at + 1);
  return close < 0 || line.slice(at, close).includes('\\') ? -1 : close + 1;
}

function holds(option: string, value: string, module: string, flight: Flight): boolean | null {
  switch (option) {
    case '-s':
      return inSpec(flight.family, flight.src, value);
    case '-d':
      return inSpec(flight.family, flight.dst, value);
    case '-i':
      return matchesInterface(value, flight.iif);
    case '-o':
      return matchesInterface(value, flight.oif);
    case '-p': {
      const protocol = readProtocol(value);
      return Number.isNaN(protocol) ? null : protocol === 0 || protocol === flight.protocol;
    }
    case '--dport':
      return isPorts(module) ? inPortRange(flight.dport, value) : null;
    case '--sport':
      return isPorts(module) ? inPortRange(flight.sport, value) : null;
    default:
      return null;
  }
}

function isPorts(module: string): boolean {
  return module === 'tcp' || module === 'udp';
}
