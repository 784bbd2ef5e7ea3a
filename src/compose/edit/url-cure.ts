import type { Cure } from '../judge/finding.ts';
import { withHost } from '../judge/uses.ts';

/**
 * The cure that gives a setting another host and port, its path and form as they are. https becomes http, as Ollama
 * speaks nothing else; a path that the kind of client does not want is not judged here.
 */
export function urlCure(
  service: string,
  setting: { name: string; value: string },
  to: { host: string; port: number },
): Cure | undefined {
  const host = to.host.includes(':') && !to.host.startsWith('[') ? `[${to.host}]` : to.host;
  const value = withHost(setting.value, host, to.port, 'http');
  if (value === setting.value) return undefined;
  return { kind: 'set-url', service, setting: setting.name, from: setting.value, to: value };
}
