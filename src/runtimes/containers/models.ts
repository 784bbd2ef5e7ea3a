import type { NamedModel } from '../../facts/containers.ts';

/**
 * Which models of Ollama a container's settings name. Applications have variables of one name for models of any
 * provider, so such a variable counts only where the provider is said to be Ollama: by the variable's own name, by the
 * value (`ollama/llama3.2`, as LiteLLM writes it), or by a variable beside it (`LLM_PROVIDER=ollama`). The names are
 * those of facts gathered from the documentation of some forty applications.
 */

/** As Ollama writes names (types/model/name.go): host, namespace, model and tag; nothing of that can be a key. */
const modelName = /^(?:[\w.-]+(?::\d+)?\/)?(?:[\w.-]+\/)?[\w][\w.-]*(?::[\w.-]+)?$/u;

const embedding = /EMBED/iu;
const ofOllama =
  /^(?:[A-Z0-9]+_)*OLLAMA_(?:[A-Z0-9]+_)*MODEL(?:_NAME|_PREF|_ID)?$|^(?:[A-Z0-9]+_)*MODEL_OLLAMA$/iu;
const ofAnyProvider =
  /^(?:[A-Z0-9]+_)*(?:LLM|CHAT|EMBEDDINGS?|EMBED|DEFAULT|INFERENCE|COMPLETION)_(?:MODEL|MODEL_NAME|MODEL_PREF|MODEL_ID|CHOICE)$|^MODEL(?:_NAME|_CHOICE|_ID)?$/iu;
const provider =
  /^(?:[A-Z0-9]+_)*(?:LLM|MODEL|CHAT|EMBEDDINGS?|EMBED)_(?:PROVIDER|ENGINE|BACKEND|TYPE)$|^(?:PROVIDER|MODEL_PROVIDER)$/iu;
const prefixed = /^ollama(?:_chat)?\//iu;

/** Flags of a command line that name a model: `--model llama3.2`, `--ollama-embed-model=nomic-embed-text`. */
const modelFlag = /^--?(?:[\w-]*-)?model(?:-name)?$/iu;

/**
 * What a container's environment (`NAME=VALUE` lines) and arguments name.
 * @param asksOllama whether its arguments hold the address of an Ollama: only then are plain `--model` flags about it
 */
export function namedModels(
  lines: readonly string[],
  argv: readonly string[],
  asksOllama: boolean,
): NamedModel[] {
  const pairs = keptModelSettings(lines).map((line): [string, string] => {
    const at = line.indexOf('=');
    return [line.slice(0, at), line.slice(at + 1)];
  });
  const providers = pairs.filter(([name]) => provider.test(name));
  const isOllamas = (forEmbedding: boolean): boolean => {
    const own = providers.filter(([name]) => embedding.test(name) === forEmbedding);
    return own.length > 0 && own.every(([, value]) => /^ollama$/iu.test(value));
  };
  const found = pairs.flatMap(([setting, value]): NamedModel[] => {
    if (provider.test(setting)) return [];
    const forEmbedding = embedding.test(setting);
    if (!ofOllama.test(setting) && !prefixed.test(value) && !isOllamas(forEmbedding)) return [];
    return value.split(/[;,]/u).flatMap((one) => {
      const model = one.trim().replace(prefixed, '');
      return modelName.test(model) ? [{ setting, model, embedding: forEmbedding }] : [];
    });
  });
  const flags = keptModelArguments(argv).flatMap((argument): NamedModel[] => {
    const [setting = '', value = ''] = argument.split(/=(.*)/su);
    if (!asksOllama && !/ollama/iu.test(setting) && !prefixed.test(value)) return [];
    return [{ setting, model: value.replace(prefixed, ''), embedding: embedding.test(setting) }];
  });
  // Embeddings by Ollama and no model named: whichever it is, there must be one.
  const named = found.some((one) => one.embedding);
  const wants = providers.find(([name, value]) => embedding.test(name) && /^ollama$/iu.test(value));
  return [...found, ...flags, ...(wants && !named ? [{ setting: wants[0], embedding: true }] : [])];
}

/** The lines of an environment that name a model or its provider, and nothing that could be a secret. */
export function keptModelSettings(lines: readonly string[]): string[] {
  return lines.filter((line) => {
    const at = line.indexOf('=');
    const [name, value] = [line.slice(0, at), line.slice(at + 1).trim()];
    if (at <= 0 || value === '' || value.length > 200) return false;
    if (provider.test(name)) return /^[\w-]{1,40}$/u.test(value);
    if (!ofOllama.test(name) && !ofAnyProvider.test(name)) return false;
    return value.split(/[;,]/u).every((one) => modelName.test(one.trim()) || prefixed.test(one.trim()));
  });
}

/** The flags of a command line that name a model, each with its value: `--model=llama3.2`. */
export function keptModelArguments(argv: readonly string[]): string[] {
  return argv.flatMap((argument, index) => {
    const [flag = '', attached] = argument.split(/=(.*)/su);
    if (!modelFlag.test(flag)) return [];
    const value = (attached ?? argv[index + 1] ?? '').trim();
    const bare = value.replace(prefixed, '');
    return modelName.test(bare) && bare.length <= 200 ? [`${flag}=${value}`] : [];
  });
}
