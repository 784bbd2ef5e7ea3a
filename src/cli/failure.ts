import { renderJson } from '../report/json.ts';
import type { ErrorDocument } from '../report/schema.ts';
import { visible } from '../report/text/visible.ts';
import { tool } from '../report/tool.ts';
import { print, type World } from './world.ts';

export type FailureCode = ErrorDocument['error']['code'];

/** Why there is no result: what was asked cannot be done as it was asked. Its message is one line for people. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: FailureCode;
  /** What to do in its place; may be empty. */
  readonly hint: string;

  constructor(code: FailureCode, message: string, hint = '') {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** A {@link Failure} of the words that were typed. */
export function usage(message: string, hint = ''): Failure {
  return new Failure('usage', message, hint);
}

/**
 * Reports why there is no result: one line on standard error, and with `json` the one document on standard output.
 * Anything but a {@link Failure} is an error of this program; its stack is shown with OLLAMA_DOCTOR_DEBUG=1 alone.
 */
export async function reportFailure(error: unknown, json: boolean, world: World): Promise<void> {
  const { code, message, hint } = asFailure(error);
  const line = hint === '' ? message : `${message}; ${hint}`;
  await print(world.stderr, `ollama-doctor: ${visible(line.replace(/\s*[\r\n]+\s*/gu, ' '))}\n`);
  if (world.env['OLLAMA_DOCTOR_DEBUG'] === '1' && error instanceof Error) {
    await print(world.stderr, `${error.stack ?? ''}\n`);
  }
  if (json) await print(world.stdout, renderJson({ schemaVersion: 1, tool, error: { code, message, hint } }));
}

function asFailure(error: unknown): { code: FailureCode; message: string; hint: string } {
  if (error instanceof Failure) return error;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `an error of the doctor itself: ${message}`,
    hint: 'run it again with OLLAMA_DOCTOR_DEBUG=1 and report what it prints',
  };
}
