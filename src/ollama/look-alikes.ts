import { field, pageTitle, readJson } from './bodies.ts';

/** The bodies that tell servers apart, as far as they were asked for. */
export interface Marks {
  root?: string;
  version?: string;
  tags?: string;
  openAiModels?: string;
}

/**
 * Names a server that speaks Ollama's API, or some of it, and is not Ollama. The marks are from the sources of each:
 * koboldcpp.py, Lemonade's ollama_api.cpp, llama.cpp's server, llama-swap#200, Open WebUI's main.py.
 * @returns undefined when no mark matches
 */
export function lookAlike(marks: Marks): string | undefined {
  const tags = readJson(marks.tags ?? '');
  const version = readJson(marks.version ?? '');
  const models = field(tags, 'models');
  const first: unknown = Array.isArray(models) ? models[0] : undefined;
  if (field(field(first, 'details'), 'family') === 'koboldcpp' || field(first, 'name') === 'koboldcpp') {
    return 'KoboldCpp';
  }
  const digest = field(first, 'digest');
  if (typeof digest === 'string' && /^sha256:0+$/u.test(digest)) return 'Lemonade';
  if (field(version, 'version') === '0.0.0') return 'Lemonade';
  if (ownedBy(tags, 'llamacpp') || ownedBy(readJson(marks.openAiModels ?? ''), 'llamacpp')) {
    return "llama.cpp's llama-server";
  }
  if (ownedBy(readJson(marks.openAiModels ?? ''), 'llama-swap')) return 'llama-swap';
  if (ownedBy(readJson(marks.openAiModels ?? ''), 'vllm')) return 'vLLM';
  if (field(version, 'deployment_id') !== undefined) return 'Open WebUI';
  const title = pageTitle(marks.root ?? '') ?? '';
  return titles.find(([pattern]) => pattern.test(title))?.[1];
}

const titles: readonly [RegExp, string][] = [
  [/open webui/iu, 'Open WebUI'],
  [/kobold/iu, 'KoboldCpp'],
  [/llama-swap/iu, 'llama-swap'],
  [/llama\.cpp|llama-server/iu, "llama.cpp's llama-server"],
  [/lemonade/iu, 'Lemonade'],
];

function ownedBy(listing: unknown, owner: string): boolean {
  const data = field(listing, 'data');
  return Array.isArray(data) && data.some((one) => field(one, 'owned_by') === owner);
}
