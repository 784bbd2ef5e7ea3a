import { createHash } from 'node:crypto';
import { field, pageTitle, readJson } from './bodies.ts';

/** The bodies that tell servers apart, as far as they were asked for. */
export interface Marks {
  root?: string;
  version?: string;
  tags?: string;
  openAiModels?: string;
  /** Of `/api/v1/health`, which Ollama does not have. */
  health?: string;
}

/**
 * Names a server that speaks Ollama's API, or some of it, and is not Ollama. The marks are from the sources of each:
 * koboldcpp.py, Lemonade's ollama_api.cpp, llama.cpp's server, llama-swap#200, Open WebUI's main.py, docker/model-runner
 * pkg/ollama/http_handler.go, LocalAI core/http/endpoints/ollama/models.go; LM Studio's from lmstudio-bug-tracker#618.
 * A version of 0.0.0 is no mark: Lemonade says so, and an Ollama that was built from source as well (its version.go).
 * Without models Lemonade is known by its own `/api/v1/health` (its docs/server/server_spec.md).
 * @returns undefined when no mark matches
 */
export function lookAlike(marks: Marks): string | undefined {
  const tags = readJson(marks.tags ?? '');
  const version = readJson(marks.version ?? '');
  const first = firstModel(tags);
  if (field(field(first, 'details'), 'family') === 'koboldcpp' || field(first, 'name') === 'koboldcpp') {
    return 'KoboldCpp';
  }
  const number = field(version, 'version');
  if (field(readJson(marks.health ?? ''), 'all_models_loaded') !== undefined) return 'Lemonade';
  const byDigest = byDigestOf(first, number);
  if (byDigest !== undefined) return byDigest;
  const owner = ownerOf(tags) ?? ownerOf(readJson(marks.openAiModels ?? ''));
  if (owner !== undefined) return owner;
  if (/unexpected endpoint or method/iu.test(marks.version ?? '')) return 'LM Studio';
  if (field(version, 'deployment_id') !== undefined) return 'Open WebUI';
  const title = pageTitle(marks.root ?? '') ?? '';
  return titles.find(([pattern]) => pattern.test(title))?.[1];
}

/**
 * Whether a model list has something that Ollama's own never has: models without the 64 hexadecimal digits of a
 * manifest's digest. Then `/v1/models`, which names an owner, is worth another request.
 */
export function looksImitated(tags: string): boolean {
  const digest = field(firstModel(readJson(tags)), 'digest');
  return digest !== undefined && !(typeof digest === 'string' && /^[\da-f]{64}$/u.test(digest));
}

function firstModel(listing: unknown): unknown {
  const models = field(listing, 'models');
  return Array.isArray(models) ? models[0] : undefined;
}

/** Ollama's digests are bare; Lemonade's are zeros, LocalAI's are made of the name, Docker's are those of its images. */
function byDigestOf(model: unknown, version: unknown): string | undefined {
  const digest = field(model, 'digest');
  if (typeof digest !== 'string' || !digest.startsWith('sha256:')) return undefined;
  if (/^sha256:0+$/u.test(digest)) return 'Lemonade';
  const name = field(model, 'name');
  if (typeof name === 'string') {
    const names = [name, name.replace(/:latest$/u, '')];
    if (names.some((one) => digest === `sha256:${createHash('sha256').update(one).digest('hex')}`))
      return 'LocalAI';
  }
  return version === '0.1.0' ? 'Docker Model Runner' : undefined;
}

/** What each calls the owner of its models in `/v1/models`. Ollama says `library`, or the user of a model's name. */
const owners: Readonly<Record<string, string>> = {
  llamacpp: "llama.cpp's llama-server",
  'llama-swap': 'llama-swap',
  vllm: 'vLLM',
  sglang: 'SGLang',
  docker: 'Docker Model Runner',
  organization_owner: 'LM Studio',
  fastflowlm: 'FastFlowLM',
  koboldcpp: 'KoboldCpp',
  lemonade: 'Lemonade',
};

const titles: readonly [RegExp, string][] = [
  [/open webui/iu, 'Open WebUI'],
  [/kobold/iu, 'KoboldCpp'],
  [/llama-swap/iu, 'llama-swap'],
  [/llama\.cpp|llama-server/iu, "llama.cpp's llama-server"],
  [/lemonade/iu, 'Lemonade'],
  [/localai/iu, 'LocalAI'],
];

function ownerOf(listing: unknown): string | undefined {
  const data = field(listing, 'data');
  if (!Array.isArray(data)) return undefined;
  for (const one of data) {
    const owner = field(one, 'owned_by');
    const known = typeof owner === 'string' ? owner.toLowerCase() : '';
    if (Object.hasOwn(owners, known)) return owners[known];
  }
  return undefined;
}
