import type { Plan } from '../changes/change.ts';
import type { Report } from '../report/schema.ts';

/**
 * Whether a fix did what it was for, from the diagnosis before it and the one after: every cause it cures is gone,
 * everyone whose every cause was cured gets through, and nothing is worse. Where not, the reason in words.
 */
export function isBetter(
  before: Report,
  after: Report,
  plans: readonly Plan[],
): { better: true } | { better: false; reason: string } {
  const cured = new Set(plans.flatMap((plan) => plan.cures));
  const key = (cause: { code: string; subject: string }): string => `${cause.code}@${cause.subject}`;
  const left = after.causes.find((cause) => cured.has(key(cause)));
  if (left) return { better: false, reason: `it did not help: ${left.summary}` };

  const exposed = after.checks.find((row) => row.code === 'exposed');
  if (exposed && cured.has(`exposed@${exposed.subject}`))
    return { better: false, reason: `it did not help: ${exposed.summary}` };

  const recipes = new Set(plans.map(({ recipe }) => recipe));
  const lost = after.checks.find(
    ({ code, recipe }) =>
      (code === 'not-persistent' || code === 'stale-rule') && recipe !== null && recipes.has(recipe),
  );
  if (lost) return { better: false, reason: `it did not help: ${lost.summary}` };

  const known = new Set(before.causes.map(key));
  // Whether an exposure is the fix's own doing is asked below.
  const fresh = after.causes.find((cause) => cause.code !== 'exposed' && !known.has(key(cause)));
  if (fresh) return { better: false, reason: `it made something else fail: ${fresh.summary}` };
  if (exposed && opensMore(before, plans))
    return { better: false, reason: `it would leave Ollama open: ${exposed.summary}` };

  const suffered = [...new Set(before.causes.flatMap((cause) => cause.affects))];
  for (const subject of suffered) {
    const all = before.causes.filter((cause) => cause.affects.includes(subject));
    if (!all.every((cause) => cured.has(key(cause)))) continue;
    const reach = after.checks.find((row) => row.id === 'container-reach' && row.subject === subject);
    if (reach?.status !== 'pass' && !after.skipped.includes('container-reach'))
      return {
        better: false,
        reason: `${subject} still gets no answer: ${reach?.summary ?? 'it could not be asked again'}`,
      };
  }
  return { better: true };
}

/**
 * Whether an exposure that is seen now would be the fix's own doing. A server that was down comes back as open as its
 * owner set it: that is reported and left alone.
 */
function opensMore(before: Report, plans: readonly Plan[]): boolean {
  if (before.checks.some((row) => row.code === 'exposed')) return false;
  const wasDown = before.causes.some(
    ({ code, recipe }) => code === 'not-running' || recipe === 'mend-origins',
  );
  return !wasDown || plans.some((plan) => plan.cures.some((cure) => cure.startsWith('bind-')));
}
