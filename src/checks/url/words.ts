import type { OllamaClient } from '../../facts/containers.ts';
import type { Evidence } from '../../report/schema.ts';

/** The setting as it is written: `OLLAMA_URL=http://localhost:11434`, said to be assumed where nobody wrote it. */
export function shown(client: OllamaClient): string {
  const { assumed, setting, url } = client;
  if (assumed !== undefined) return `${setting?.value ?? url?.href ?? ''} (assumed: ${assumed})`;
  if (!setting) return url?.href ?? '';
  return setting.name === 'argument' ? setting.value : `${setting.name}=${setting.value}`;
}

/** Where the URL comes from, and what the container's own log says of it. */
export function settingEvidence(client: OllamaClient): Evidence[] {
  const { assumed, container, logged, setting, url } = client;
  if (!setting) return [];
  const said: Evidence[] =
    logged === undefined
      ? []
      : [{ source: `last lines of the log of ${container.name}`, text: `${url?.host ?? ''}: ${logged}` }];
  if (assumed !== undefined) return [{ source: 'assumed', text: `${setting.value}: ${assumed}` }, ...said];
  const isArgument = setting.name.startsWith('-') || setting.name === 'argument';
  const text = setting.name === 'argument' ? setting.value : `${setting.name}=${setting.value}`;
  return [{ source: `${isArgument ? 'arguments' : 'environment'} of ${container.name}`, text }, ...said];
}
