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
  const text = unquoted(value);
  if (faultOf(text) !== undefined) return undefined;
  const [, scheme, rest = ''] = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(.*)$/isu.exec(text) ?? [];
  const url = parse(scheme === undefined ? withPort(rest) : text);
  if (url === undefined || url.hostname === '') return undefined;
  url.username = '';
  url.password = '';
  return url;
}

/**
 * Why a setting is no URL, as a clause for people (`port 99999 is none`); undefined when it is one.
 *
 * @param variable its name, where it has one: Ollama's own library takes quotes away from OLLAMA_HOST, and few others
 *   do from theirs
 */
export function urlFault(value: string, variable?: string): string | undefined {
  const text = unquoted(value);
  const quoted = variable !== 'OLLAMA_HOST' && /^\s*["'‘’“”]|["'‘’“”]\s*$/u.test(value);
  const fault = faultOf(text);
  if (fault !== undefined) return fault;
  if (quoted) return 'the quotes are part of the value';
  return clientUrl(value) === undefined ? 'it is no address' : undefined;
}

function unquoted(value: string): string {
  return value
    .trim()
    .replace(/^["']+|["']+$/gu, '')
    .trim();
}

/** What a URL parser would let pass or call by an unhelpful name. */
function faultOf(value: string): string | undefined {
  const text = value.replace(/\/\/[^/\s]*@/u, '//');
  if (text === '') return 'it is empty';
  const [unfilled] =
    /\$\{[^}]*\}?|\$\([^)]*\)?|\{\{[^}]*\}?\}?|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%/u.exec(text) ?? [];
  if (unfilled !== undefined) return `nothing was filled in for ${unfilled}`;
  if (/\s/u.test(text)) return 'there is a space in it';
  if (/^[‘’“”]|[‘’“”]$/u.test(text)) return 'its quotes are typographic ones, which are part of the value';
  if (text.includes('\\')) return 'there is a backslash in it';
  if (/^https?:\/\/+https?:?\/*/iu.test(text)) return 'its scheme is there twice';
  if (/^https?(?::(?!\/\/|\d+(?:\/|$))|[/;])/iu.test(text)) return 'its scheme is misspelt: http:// is meant';
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//iu.exec(text) ?? [];
  if (scheme !== undefined && !/^https?$/iu.test(scheme)) return `${scheme}:// is not http://`;
  const hostPort = text.replace(/^[a-z][a-z0-9+.-]*:\/\//iu, '').replace(/[/?#].*$/su, '');
  if (hostPort === '' || (scheme !== undefined && hostPort.startsWith(':') && !hostPort.startsWith('::')))
    return 'it names no host';
  if (/[<>{}|^`*]/u.test(hostPort)) return 'its host is a placeholder';
  if (scheme !== undefined && /^[0-9a-f]*:[0-9a-f:]*:[0-9a-f:]*$/iu.test(hostPort))
    return 'an IPv6 address in a URL wants brackets: http://[::1]:11434';
  const [, port] = /^(?:\[[^\]]*\]|[^:]*):([^:]*)$/u.exec(hostPort) ?? [];
  if (port !== undefined && port !== '' && !/^\d+$/u.test(port)) return `${port} is no port`;
  if (port !== undefined && Number(port) > 65_535) return `there is no port ${port}`;
  return undefined;
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
