import type { ChalkInstance } from 'chalk';
import type { Status } from '../schema.ts';

/** What a report is drawn on. */
export interface Screen {
  /** With level 0 there are no colours. */
  chalk: ChalkInstance;
  /** Columns; text is broken to fit, evidence too. */
  columns: number;
  /** False draws with ASCII alone. */
  unicode: boolean;
  /** `quiet` is the verdict alone, `verbose` every row with its whole evidence. */
  detail: 'quiet' | 'normal' | 'verbose';
  /** How the reader starts this program: `ollama-doctor`, `npx ollama-doctor`. */
  command: string;
  /** Options to type again so that the next run looks at the same, with a blank ahead: ` --url http://box:11434`. */
  again?: string;
  /** The recording this is a replay of, from which nothing can be fixed. */
  replay?: string;
  /** Present when a fix was asked for; `agreed` when the reader has just seen every change in full. */
  fixing?: 'agreed' | 'unseen';
}

interface Symbols {
  status: Record<Status, string>;
  /** The rail of a path: a hop that is passed, the place where it breaks, what lies behind. */
  rail: { whole: string; broken: string; beyond: string };
  /** Points back at a line. */
  here: string;
  bar: string;
  dash: string;
  ellipsis: string;
}

const unicodeSymbols: Symbols = {
  status: { pass: '✓', warn: '▲', fail: '✗', inconclusive: '?', blocked: '·', 'not-applicable': '–' },
  rail: { whole: '│', broken: '╳', beyond: '┊' },
  here: '◀',
  bar: '│',
  dash: '–',
  ellipsis: '…',
};

const asciiSymbols: Symbols = {
  status: { pass: '+', warn: '!', fail: 'x', inconclusive: '?', blocked: '.', 'not-applicable': '-' },
  rail: { whole: '|', broken: 'X', beyond: ':' },
  here: '<',
  bar: '|',
  dash: '-',
  ellipsis: '...',
};

/** The marks to draw with. */
export function symbols(screen: Screen): Symbols {
  return screen.unicode ? unicodeSymbols : asciiSymbols;
}

/** The colour of a status. */
export function statusColour(screen: Screen, status: Status): ChalkInstance {
  const { chalk } = screen;
  const colours: Record<Status, ChalkInstance> = {
    pass: chalk.green,
    warn: chalk.yellow,
    fail: chalk.red,
    inconclusive: chalk.magenta,
    blocked: chalk.dim,
    'not-applicable': chalk.dim,
  };
  return colours[status];
}

/** The mark of a status in its colour. */
export function mark(screen: Screen, status: Status): string {
  return statusColour(screen, status)(symbols(screen).status[status]);
}
