/**
 * The URL a client makes of a setting.
 *
 * Ollama's own rule (envconfig `Host()`, which ollama-python and ollama-js repeat): quotes and spaces around it go;
 * without a scheme it is http and port 11434; `http://host` is port 80 and `https://host` port 443, as everywhere. The
 * same serves for the variables of other applications: those that take a bare host hand it to such a library, and
 * those that want a URL get the port that the scheme says.
 *
 * @param value `http://host.docker.internal:11434/v1`, `ollama:11434`, `ollama`, `::1`, `:11434`
 * @returns undefined when nobody could make a URL of it. User names and passwords are cut out.
 */
export function clientUrl(value: string): URL | undefined {
  const text = value
    .trim()
    .replace(/^["']+|["']+$/gu, '')
    .trim();
  if (text === '' || /\s/u.test(text)) return undefined;
  const [, scheme, rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/isu.exec(text) ?? [];
  if (scheme !== undefined && !/^https?$/iu.test(scheme)) return undefined;
  const url = parse(scheme === undefined ? withPort(rest) : text);
  if (url === undefined || url.hostname === '') return undefined;
  url.username = '';
  url.password = '';
  return url;
}

/** Adds scheme, host and port where they are missing: an empty host is this machine, as Ollama's own client takes it. */
function withPort(rest: string): string {
  const slash = rest.indexOf('/');
  const hostPort = slash === -1 ? rest : rest.slice(0, slash);
  const path = slash === -1 ? '' : rest.slice(slash);
  if (hostPort === '') return 'invalid:';
  const colons = hostPort.split(':').length - 1;
  if (colons > 1 && !hostPort.startsWith('[')) return `http://[${hostPort}]:11434${path}`;
  const [, host = hostPort, port] = /^(.*?)(?::(\d*))?$/u.exec(hostPort) ?? [];
  return `http://${host === '' ? '127.0.0.1' : host}:${port === undefined || port === '' ? '11434' : port}${path}`;
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
