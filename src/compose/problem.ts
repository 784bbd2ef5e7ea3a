/** Where something stands in a file; line and column count from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
  /** The whole line as it is written, without its end. */
  text: string;
}

/** Why a compose file cannot be understood. The message is one line for people and names file, line and column. */
export class ComposeProblem extends Error {
  override readonly name = 'ComposeProblem';
  /** What to do about it; may be empty. */
  readonly hint: string;

  constructor(message: string, at?: Pick<Place, 'file' | 'line' | 'column'>, hint = '') {
    super(at === undefined ? message : `${at.file}:${at.line}:${at.column}: ${message}`);
    this.hint = hint;
  }
}
