import type { OllamaClient } from '../facts/containers.ts';
import type { Cause } from '../report/schema.ts';

const settable: ReadonlySet<string> = new Set([
  'url-localhost',
  'url-wrong-port',
  'url-https',
  'url-path',
  'url-alias',
  'url-stale-gateway',
]);

/**
 * Names the recipe that edits a container's compose file, for causes of containers that have one. The rows keep their
 * instructions: whether the file can be edited is seen when it is read.
 */
export function withClientRecipes(causes: readonly Cause[], clients: readonly OllamaClient[]): Cause[] {
  return causes.map((cause) => {
    const own = clients.filter((client) => client.subject === cause.subject && !client.hypothetical);
    const written = own.filter(({ container }) => (container.compose?.configFiles.length ?? 0) > 0);
    if (cause.recipe !== null || written.length === 0) return cause;
    if (settable.has(cause.code)) return { ...cause, recipe: 'set-client-url' };
    const named = written.some(
      ({ url, container }) =>
        container.product === 'docker-engine' &&
        url !== undefined &&
        /^host\.(?:docker|containers)\./u.test(url.hostname),
    );
    return cause.code === 'dns-missing' && named ? { ...cause, recipe: 'add-host-gateway' } : cause;
  });
}
