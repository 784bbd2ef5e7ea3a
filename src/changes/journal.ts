import type { Machine, Writer } from '../machine/machine.ts';
import type { Change } from './change.ts';

/** Journals of this version and older can be read. */
export const journalVersion = 1;

/** What a path was before a step, with everything needed to put it back to the byte. */
export interface Before {
  /** Where the bytes are: the end of the chain of links that the change's path may be. */
  path: string;
  /** Null when there was no file. */
  file: { contentBase64: string; mode: number; uid: number; gid: number } | null;
  /** Folders that the step makes, outermost first. */
  missingFolders: string[];
}

interface PlannedRecipe {
  recipe: string;
  cures: string[];
  steps: number;
}

/** One line of a journal. Written and synced before what it announces is done. */
export type Entry =
  | { entry: 'begun'; journalVersion: number; receipt: string; at: number; recipes: PlannedRecipe[] }
  | { entry: 'step'; step: number; recipe: string; change: Change; before?: Before; rewrites?: Before[] }
  /** `left` is the SHA-256 of each file of `rewrites` once the step was made; null where there is none. */
  | { entry: 'done'; step: number; left?: (string | null)[] }
  /** Every step is done: from here on it is a fix, not the rest of one. */
  | { entry: 'complete'; at: number }
  /** `untouched` are files that nobody wrote since the step, and whose bytes are to come back. */
  | { entry: 'undoing'; step: number; untouched?: string[] }
  | { entry: 'undone'; step: number }
  | { entry: 'failed'; step?: number; reason: string }
  | { entry: 'closed'; at: number };

export interface Step {
  step: number;
  recipe: string;
  change: Change;
  before?: Before;
  rewrites?: Before[];
  left?: (string | null)[];
  untouched?: string[];
  done: boolean;
  undoing: boolean;
  undone: boolean;
}

/** A journal put together. */
export interface Journal {
  receipt: string;
  at: number;
  recipes: PlannedRecipe[];
  /** In the order they were made. */
  steps: Step[];
  complete: boolean;
  closed: boolean;
}

export type ReadJournal =
  | { state: 'read'; journal: Journal }
  /** Cut off before anything was begun: nothing was changed. */
  | { state: 'empty' }
  | { state: 'newer'; version: number }
  | { state: 'unreadable'; reason: string };

/**
 * Puts the lines of a journal together. Never throws. A last line without its end is what a kill leaves: what it
 * announces was not begun, so it is left out. Anything else that is not an entry makes the journal unreadable, as
 * undoing from half of one could do harm.
 */
export function parseJournal(text: string): ReadJournal {
  const lines = text.split('\n');
  lines.pop();
  let journal: Journal | undefined;
  const steps = new Map<number, Step>();
  for (const [index, line] of lines.entries()) {
    // The end that a later run put behind a torn line.
    if (line.trim() === '' || line.endsWith(tornMark)) continue;
    const entry = parseEntry(line);
    if (!entry) return { state: 'unreadable', reason: `line ${index + 1} is not an entry` };
    if (entry.entry === 'begun') {
      if (entry.journalVersion > journalVersion) return { state: 'newer', version: entry.journalVersion };
      const { receipt, at, recipes } = entry;
      journal = { receipt, at, recipes, steps: [], complete: false, closed: false };
      continue;
    }
    if (!journal) return { state: 'unreadable', reason: 'its first line is missing' };
    if (!take(journal, steps, entry))
      return { state: 'unreadable', reason: `line ${index + 1} speaks of a step that was not begun` };
  }
  return journal ? { state: 'read', journal } : { state: 'empty' };
}

function take(
  journal: Journal,
  steps: Map<number, Step>,
  entry: Exclude<Entry, { entry: 'begun' }>,
): boolean {
  switch (entry.entry) {
    case 'step': {
      const { entry: _kind, ...rest } = entry;
      const step: Step = { ...rest, done: false, undoing: false, undone: false };
      steps.set(entry.step, step);
      journal.steps.push(step);
      return true;
    }
    case 'done':
    case 'undoing':
    case 'undone': {
      const step = steps.get(entry.step);
      if (!step) return false;
      step[entry.entry] = true;
      if (entry.entry === 'done' && entry.left) step.left = entry.left;
      if (entry.entry === 'undoing' && entry.untouched) step.untouched = entry.untouched;
      return true;
    }
    case 'complete':
      journal.complete = true;
      return true;
    case 'closed':
      journal.closed = true;
      return true;
    case 'failed':
      return true;
  }
}

const kinds = new Set(['begun', 'step', 'done', 'complete', 'undoing', 'undone', 'failed', 'closed']);

function parseEntry(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { entry, step, change } = value as { entry?: unknown; step?: unknown; change?: unknown };
    if (typeof entry !== 'string' || !kinds.has(entry)) return undefined;
    if (['step', 'done', 'undoing', 'undone'].includes(entry) && typeof step !== 'number') return undefined;
    if (entry === 'step' && (typeof change !== 'object' || change === null)) return undefined;
    if (entry === 'begun' && typeof (value as { journalVersion?: unknown }).journalVersion !== 'number')
      return undefined;
    return value as Entry;
  } catch {
    return undefined;
  }
}

/** Put behind a line that was cut off, so that it is told from a line that was damaged. */
const tornMark = '#cut';

/** Reads a journal and puts an end behind a torn last line, so that what is appended next stands on its own. */
export async function openJournal(machine: Machine, writer: Writer, path: string): Promise<ReadJournal> {
  const read = await machine.read(path, { maxBytes: 256 * 1024 * 1024 });
  if (read.outcome !== 'read')
    return { state: 'unreadable', reason: read.outcome === 'failed' ? read.message : read.outcome };
  if (read.text !== '' && !read.text.endsWith('\n')) await writer.appendDurably(path, `${tornMark}\n`);
  return parseJournal(read.text);
}

/** Appends one entry and waits until it is on disk. Throws a WriteError. */
export async function note(writer: Writer, path: string, entry: Entry): Promise<void> {
  await writer.appendDurably(path, `${JSON.stringify(entry)}\n`);
}
