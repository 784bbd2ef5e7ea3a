import type { Identity } from '../machine.ts';
import { withoutCredentials } from './names.ts';

/** An identity as it is recorded: variables keep their values, without credentials. */
export function redactIdentity(identity: Identity): Identity {
  const env = Object.entries(identity.env).map(([name, value]) => [name, withoutCredentials(value)]);
  return { ...identity, env: Object.fromEntries(env) as Record<string, string> };
}
