import type { ResolveRequest, ResolveResult } from '../machine.ts';
import { outcomeOfErrno } from './failure.ts';
import { lookUp } from './lookup.ts';

const defaultTimeoutMs = 3000;

/**
 * `EAI_AGAIN` (no name server answered) counts as not found: it is what a machine without a name server says of any
 * name that is not in its hosts file, and what Docker's embedded DNS says of a service on another network.
 */
export async function resolveLive(request: ResolveRequest): Promise<ResolveResult> {
  const answer = await lookUp(request.name, request.timeoutMs ?? defaultTimeoutMs);
  if (answer.found) return { outcome: 'resolved', addresses: answer.addresses };
  if (answer.late) return { outcome: 'timeout', detail: answer.detail };
  const outcome = outcomeOfErrno(answer.errno) === 'name-not-found' ? 'name-not-found' : 'failed';
  return { outcome, detail: answer.detail };
}
