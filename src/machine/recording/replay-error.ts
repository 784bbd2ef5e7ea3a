/** A recording that cannot be replayed. The message is one line for people, `hint` what to do about it. */
export class ReplayError extends Error {
  override readonly name = 'ReplayError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
