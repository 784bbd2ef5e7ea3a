/**
 * What is kept of a container's environment and arguments: what speaks of an LLM server or a proxy, and of those
 * values only the addresses. Everything else may be a secret and is never looked at again.
 */

/** Names by which applications take the address of an LLM server (facts gathered from the docs of some forty). */
const settingName =
  /^(?:.*_)?(?:OLLAMA|LLM|OPENAI|EMBEDDING|MODEL)(?:_[A-Z]+)*_?(?:HOST|URL|URLS|URI|BASE|BASE_URL|BASE_PATH|API_BASE|API_URL|ENDPOINT|PROXY_URL|HOSTNAME)$/iu;

const proxyName = /^(?:HTTP|HTTPS|ALL|NO)_PROXY$/iu;

/** An address with Ollama's own port anywhere in a text: `http://host:11434/v1`, `host:11434`. */
const ollamaAddress =
  /(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^\s"'`,;=@/<>(){}]+@)?(?:\[[0-9a-f:.]+\]|[\w.-]+|):11434(?!\d)(?:\/[^\s"'`,;<>(){}]*)?/giu;

/** Keeps of `NAME=VALUE` lines what the doctor reads: name to value, credentials cut out. */
export function keptEnvironment(lines: readonly string[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at <= 0) continue;
    const value = keptValue(line.slice(0, at), line.slice(at + 1));
    if (value !== undefined) kept[line.slice(0, at)] = value;
  }
  return kept;
}

/** What is kept of one variable; undefined when it says nothing of an LLM server or a proxy. */
function keptValue(name: string, value: string): string | undefined {
  if (/^NO_PROXY$/iu.test(name)) return value;
  // Node's own fetch asks a proxy only then; any other value says nothing.
  if (name === 'NODE_USE_ENV_PROXY') return value === '1' ? value : undefined;
  if (proxyName.test(name)) return withoutSecrets(value);
  if (settingName.test(name)) return withoutSecrets(value);
  const addresses = ollamaAddresses(value);
  return addresses.length === 0 ? undefined : addresses.join(' ');
}

/** Addresses with port 11434 in a text, credentials cut out. `11434:11434` is a published port and none of them. */
export function ollamaAddresses(text: string): string[] {
  return [...text.matchAll(ollamaAddress)]
    .filter(([whole]) => !/^\d*:11434$/u.test(whole))
    .map((match) => withoutSecrets(match[0]));
}

/** An address to listen on, in an argument: socat's `TCP-LISTEN:11434`, `0.0.0.0:11434`. */
function isToListen(address: string): boolean {
  return /^(?:tcp[46]?-listen|0\.0\.0\.0|\[::\]|\*):/iu.test(address);
}

const listeningFlag = /^--?[\w-]*(?:listen|bind|publish|port|addr|address|origins?)$/iu;

/** Cuts user names, passwords, queries and fragments out of addresses; paths and several addresses stay. */
export function withoutSecrets(value: string): string {
  return value
    .replace(/\/\/[^/\s@]*@/gu, '//')
    .replace(/^[^/\s@]*:[^/\s@]*@/u, '')
    .replace(/[?#][^\s;,]*/gu, '');
}

const settingFlag =
  /^--?(?:[\w-]*(?:ollama|llm|openai|embedding|model)[\w-]*-)?(?:host|url|uri|base[-_]url|api[-_]base|endpoint)$/iu;

/**
 * Arguments that name an Ollama: the addresses with its port, and the values of flags such as `--ollama-url URL`.
 *
 * @param argv the whole command line (entrypoint and command)
 * @returns the flag with its value where there is one (`--ollama-url=http://h:8080`), else the bare address
 */
export function keptArguments(argv: readonly string[]): string[] {
  const kept: string[] = [];
  argv.forEach((argument, index) => {
    const [flag = '', ...rest] = argument.split('=');
    const attached = rest.join('=');
    const next = argv[index + 1];
    const value = attached === '' ? next : attached;
    const namesOllama = /ollama/iu.test(flag) && settingFlag.test(flag);
    if (value !== undefined && settingFlag.test(flag) && (namesOllama || ollamaAddresses(value).length > 0)) {
      kept.push(`${flag}=${withoutSecrets(value)}`);
      return;
    }
    const before = argv[index - 1] ?? '';
    if (settingFlag.test(before) || listeningFlag.test(before) || listeningFlag.test(flag)) return;
    kept.push(...ollamaAddresses(argument).filter((address) => !isToListen(address)));
  });
  return [...new Set(kept)];
}

/**
 * Whether a container runs `ollama serve` itself, and is therefore a server and never a client of itself.
 *
 * The image `ollama/ollama` starts the server unless its command says otherwise; as an init container it often runs
 * `ollama pull` against another server, which makes it a client.
 */
export function servesOllama(image: string, argv: readonly string[], lines: readonly string[]): boolean {
  const command = argv.join(' ');
  if (/(?:^|[\s/'"])ollama['"]?\s+(?:serve|start)\b/u.test(command)) return true;
  if (bundlesOllama(image, lines)) return true;
  const repository = image.replace(/@.*$/u, '').replace(/:[^/:]*$/u, '');
  if (!/(?:^|\/)ollama$/u.test(repository)) return false;
  return !/(?:^|[\s/'"])ollama\s+\w|\bcurl\b/u.test(command);
}

/**
 * Whether an image is Open WebUI's with an Ollama of its own, which it starts for itself on loopback: USE_OLLAMA_DOCKER
 * says so, and the tag where the image's own variables are not seen (Open WebUI's Dockerfile, start.sh and the tags
 * `ollama`, `v0.6.5-ollama` of its build workflow).
 */
export function bundlesOllama(image: string, lines: readonly string[]): boolean {
  return (
    lines.some((line) => /^USE_OLLAMA_DOCKER=true$/iu.test(line)) ||
    /(?:^|\/)open-webui:(?:[\w.-]+-)?ollama(?:@|$)/iu.test(image)
  );
}
