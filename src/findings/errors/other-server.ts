/** Ports that belong to one well-known kind of server each (IANA's registry, and what those projects use by default). */
const ports = [
  587, 1433, 1521, 2181, 3306, 5432, 5672, 6333, 6379, 6543, 9042, 9092, 9200, 11_211, 27_017,
].join('|');

/** Ports of two digits only where the word says so: `12:22` may be a time. */
const portOfAnother = new RegExp(
  `(?:[\\w\\])]:(?:${ports})|\\bport[ =:]{1,2}(?:22|25|${ports}))(?![\\d.]*\\d)`,
  'u',
);

const schemeOfAnother =
  /\b(?:postgres|postgresql|mysql|mariadb|redis|rediss|mongodb|mongodb\+srv|amqp|amqps):\/\//u;

/** Names on the internet under which nobody runs an Ollama of one's own. */
const siteOfAnother =
  /(?:^|[^\w-])(?:[\w-]{1,63}\.){0,4}(?:github\.com|githubusercontent\.com|gitlab\.com|docker\.io|docker\.com|ghcr\.io|quay\.io|npmjs\.org|yarnpkg\.com|pypi\.org|pythonhosted\.org|openai\.com|anthropic\.com|googleapis\.com|amazonaws\.com|stripe\.com|debian\.org|ubuntu\.com)(?![\w.-]*\w)/u;

/**
 * Whether a line of a log says of itself that it is about another server: a database's port, a URL of a message queue, a
 * site on the internet, and no word of Ollama. A refusal there is the same text, and says nothing about Ollama.
 * @param line in small letters
 */
export function isAboutAnotherServer(line: string): boolean {
  if (/ollama|11434|llm/u.test(line)) return false;
  return portOfAnother.test(line) || schemeOfAnother.test(line) || siteOfAnother.test(line);
}
