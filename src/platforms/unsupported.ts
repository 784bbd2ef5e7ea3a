import type { Unavailable } from '../facts/looked.ts';

/** The answer where this version has no code for something on a platform; `what` is a clause, as is `help`. */
export function unsupported(what: string, help: string): Promise<Unavailable> {
  return Promise.resolve({ state: 'unavailable', reason: what, help, unsupported: true });
}
