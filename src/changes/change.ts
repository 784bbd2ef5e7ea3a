import type { FileAttributes } from '../machine/machine.ts';

/**
 * One step of a fix, as data: it is shown, journalled before it is made, and undone from the journal alone, so it
 * holds everything that any of these needs and no functions.
 */
export type Change = FileChange | CommandChange | PullChange;

export interface FileChange {
  kind: 'file';
  /** What it is for, in a few words: `listen on all interfaces`. */
  summary: string;
  path: string;
  /** The text the file had when the plan was made; null when there was none. Re-checked before the change is made. */
  before: string | null;
  /** The text it gets; null removes it. */
  after: string | null;
  /** For a file that is new; a replaced one keeps its mode and owner. */
  attributes: FileAttributes;
  /** Commands that make it count once it is written, in order: `systemctl daemon-reload`, `systemctl restart …`. */
  thenRun: Argv[];
  /** The same once it is put back by undo. */
  thenRunOnUndo: Argv[];
  /** What must be seen once {@link thenRun} is over: exit codes of tools are not trusted. */
  visibleAfter?: Visible;
  elevated: boolean;
}

export interface CommandChange {
  kind: 'command';
  summary: string;
  apply: Argv;
  /** Empty where nothing is to be taken back. */
  undo: Argv[];
  /**
   * How to see whether it is in force; tools' exit codes are not trusted. Undo runs only while it is, and apply only
   * while it is not. Absent for commands that only make something else count.
   */
  inForce?: Visible;
  /** What the place of a rule was worked out from; the change is not made when it reads otherwise by then. */
  madeFrom?: { argv: Argv; lines: readonly string[] };
  /**
   * What the tool leaves behind when the change is taken back (iptables makes tables and chains on need, and leaves them
   * empty). Undo removes it while its listing has none but these lines; it is left where that fails.
   */
  leftover?: { argv: Argv; lines: readonly string[]; remove: Argv };
  /**
   * Files that the tool rewrites as it does so (ufw's user.rules, firewalld's zones). They are in the journal, and undo
   * puts their bytes back where the tool leaves other ones, unless somebody else wrote them since.
   */
  rewrites?: readonly string[];
  /**
   * A listing with ` # handle N` behind each line, for an {@link undo} that has the word {@link handleWord}: nft deletes
   * rules by a number that is another one whenever they are loaded again, so it is looked up then.
   */
  handleFrom?: Argv;
  /** What was open before and stays, or what else a reader should know; shown with the diff. */
  diff: string;
  elevated: boolean;
}

/** A model that a server is asked to pull, over its API; undone by having it removed there. */
export interface PullChange {
  kind: 'pull';
  summary: string;
  /** Base URL of the server: `http://127.0.0.1:11434`. */
  url: string;
  /** As `ollama pull` takes it. */
  model: string;
  elevated: false;
}

/** Stands in an undo's words for the handle of the rule that {@link CommandChange.inForce} names. */
export const handleWord = '{handle}';

export type Argv = readonly [string, ...string[]];

/** In force when the command's output has this exact line (both trimmed, packet counters left out). */
export interface Visible {
  argv: Argv;
  line: string;
  /** For a rule that is taken away: in force when the output has no such line, and there is one to look at. */
  absent?: true;
}

/** Changes of one recipe, to be made in this order and undone in reverse. */
export interface Plan {
  recipe: string;
  /** The causes it mends: `bind-loopback@host`. */
  cures: string[];
  changes: Change[];
  /** `container:NAME` of everything that can reach Ollama afterwards and could not before. */
  gainsAccess: string[];
  /** Said before consent: what it exposes, what it costs (a restart drops running generations), what stays. */
  notes: string[];
  /**
   * What a person has to type before it counts (a container keeps what it was made with): nothing can be proved before,
   * and the fix ends as `applied`. Absent where it counts at once.
   */
  later?: Argv[];
  /** Said after a verified fix: `not-persistent` warnings with what would make it last. */
  notPersistent?: { summary: string; instructions: string[] };
}

/** Why a recipe cannot be carried out here, with what a person can do in its place. */
export interface Refusal {
  recipe: string;
  reason: string;
  instructions: string[];
}
