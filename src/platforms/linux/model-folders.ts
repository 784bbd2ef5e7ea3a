import type { ModelFolder } from '../../facts/models.ts';
import type { OllamaService } from '../../facts/service.ts';
import type { Machine } from '../../machine/machine.ts';

/** Where packages keep the service's models: install.sh's user, then Arch's and Fedora's. */
const known = [
  '/usr/share/ollama/.ollama/models',
  '/var/lib/ollama/models',
  '/var/lib/ollama/.ollama/models',
  '/var/lib/ollama',
];

/** Folders are looked into at most so many times: a person with a thousand models has them under few names. */
const mostLists = 400;

/**
 * The folders of models on this host, whoever's they are: the service's, the user's, and what OLLAMA_MODELS names; each
 * with the models in it, read from its manifests (`manifests/HOST/NAMESPACE/MODEL/TAG`, server/modelpath.go). Folders
 * that are not there or may not be read are left out.
 */
export async function lookAtModelFolders(
  machine: Machine,
  services: readonly OllamaService[],
): Promise<ModelFolder[]> {
  const { home, invokedBy, env } = machine.identity;
  const told = services.flatMap((service) =>
    service.settings.filter((one) => one.variable === 'OLLAMA_MODELS').map((one) => one.value),
  );
  const homes = [home, ...(invokedBy === undefined ? [] : [invokedBy.home])].map(
    (at) => `${at}/.ollama/models`,
  );
  const paths = [
    ...told,
    ...(env['OLLAMA_MODELS'] === undefined ? [] : [env['OLLAMA_MODELS']]),
    ...known,
    ...homes,
  ];
  const budget = { left: mostLists };
  const folders: ModelFolder[] = [];
  for (const path of new Set(paths.filter((one) => one.startsWith('/')))) {
    const names = await modelsIn(machine, `${path}/manifests`, budget);
    if (names.length > 0) folders.push({ path, models: names });
  }
  return folders;
}

async function modelsIn(machine: Machine, manifests: string, budget: { left: number }): Promise<string[]> {
  const inside = async (path: string): Promise<string[]> => {
    if (budget.left <= 0) return [];
    budget.left -= 1;
    const result = await machine.list(path);
    return result.outcome === 'listed' ? result.names.filter((name) => !name.startsWith('.')) : [];
  };
  const names: string[] = [];
  for (const host of await inside(manifests))
    for (const space of await inside(`${manifests}/${host}`))
      for (const model of await inside(`${manifests}/${host}/${space}`))
        for (const tag of await inside(`${manifests}/${host}/${space}/${model}`)) {
          const prefix = host === 'registry.ollama.ai' ? '' : `${host}/`;
          names.push(`${prefix}${prefix === '' && space === 'library' ? '' : `${space}/`}${model}:${tag}`);
        }
  return names;
}
