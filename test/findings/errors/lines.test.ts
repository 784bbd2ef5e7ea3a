import { describe, expect, it } from 'vitest';
import { matchLine } from '../../../src/findings/errors/match-line.ts';

/** Lines of real threads and logs: what is suspected first, and of which message. */
const lines: readonly (readonly [line: string, id: string, first: string])[] = [
  ['connect ECONNREFUSED 127.0.0.1:11434', 'connection-refused', 'url-localhost'],
  ['Error: connect ECONNREFUSED ::1:11434', 'connection-refused', 'url-localhost'],
  ['connect ECONNREFUSED 172.17.0.1:11434', 'connection-refused', 'bind-loopback'],
  ['connect ECONNREFUSED 192.168.1.20:11434', 'connection-refused', 'bind-loopback'],
  [
    'Post "http://127.0.0.1:11434/api/chat": dial tcp 127.0.0.1:11434: connect: connection refused',
    'connection-refused',
    'url-localhost',
  ],
  ['httpx.ConnectError: [Errno 111] Connection refused', 'connection-refused', 'bind-loopback'],
  [
    "HTTPConnectionPool(host='127.0.0.1', port=11434): Max retries exceeded with url: /api/chat (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x7851288df1c0>: Failed to establish a new connection: [Errno 111] Connection refused'))",
    'connection-refused',
    'url-localhost',
  ],
  [
    "HTTPConnectionPool(host='localhost', port=11434): Max retries exceeded with url: /api/generate/ (Caused by NewConnectionError('<urllib3.connection.HTTPConnection object at 0x000002298AE1EF50>: Failed to establish a new connection: [WinError 10061] No connection could be made because the target machine actively refused it'))",
    'connection-refused',
    'url-localhost',
  ],
  [
    "ERROR [open_webui.routers.ollama] Connection error: Cannot connect to host host.docker.internal:11434 ssl:default [Connect call failed ('172.17.0.1', 11434)]",
    'connection-refused',
    'bind-loopback',
  ],
  [
    "litellm.APIConnectionError: OllamaException - Cannot connect to host localhost:11434 ssl:default [Connect call failed ('127.0.0.1', 11434)]",
    'connection-refused',
    'url-localhost',
  ],
  [
    'Error: Head "http://127.0.0.1:11434/": dial tcp 127.0.0.1:11434: connectex: Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte.',
    'connection-refused',
    'url-localhost',
  ],
  [
    'ERROR [apps.ollama.main] Connection error: Cannot connect to host host.docker.internal:11434 ssl:default [Name or service not known]',
    'name-unknown',
    'dns-missing',
  ],
  [
    'Error: Head "http://host.docker.internal:11434/": dial tcp: lookup host.docker.internal on 127.0.0.11:53: no such host',
    'name-unknown',
    'dns-missing',
  ],
  ['Error: dial tcp: lookup registry.ollama.ai: no such host', 'registry-unknown', 'model-missing'],
  ['"llama2" does not support tools', 'model-lacks-ability', 'model-missing'],
  ['CUDA error: out of memory', 'runner-failed', 'api-error'],
  [
    "500: Ollama: 500, message='Internal Server Error', url='http://ollama:11434/api/chat'",
    'server-error',
    'api-error',
  ],
  ['getaddrinfo EAI_AGAIN ollama', 'name-try-again', 'dns-missing'],
  ['curl: (6) Could not resolve host: host.docker.internal', 'name-unknown', 'dns-missing'],
  ['connect ETIMEDOUT 172.18.0.1:11434', 'timed-out-connecting', 'firewall-drop'],
  [
    'ConnectTimeoutError: Connect Timeout Error (attempted address: host.docker.internal:11434, timeout: 10000ms)',
    'timed-out-connecting',
    'firewall-drop',
  ],
  [
    'Get "http://172.17.0.1:11434/api/tags": dial tcp 172.17.0.1:11434: i/o timeout (Client.Timeout exceeded while awaiting headers)',
    'timed-out-connecting',
    'firewall-drop',
  ],
  [
    'Post "http://10.0.0.5:11434/api/chat": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    'go-gave-up',
    'api-timeout',
  ],
  [
    "HTTPConnectionPool(host='host.docker.internal', port=11434): Read timed out. (read timeout=60)",
    'slow-answer',
    'api-timeout',
  ],
  [
    'curl: (28) Operation timed out after 5001 milliseconds with 0 bytes received',
    'gave-up-waiting',
    'api-timeout',
  ],
  ['curl: (28) Connection timed out after 3001 milliseconds', 'timed-out-connecting', 'firewall-drop'],
  ['403 status code (no body)', 'forbidden', 'forbidden-origin'],
  ['Error: listen EADDRINUSE: address already in use 0.0.0.0:11434', 'bind-in-use', 'port-conflict'],
  ['The service refused the connection - perhaps it is offline', 'connection-refused', 'bind-loopback'],
  ["code: 'UND_ERR_HEADERS_TIMEOUT'", 'slow-answer', 'api-timeout'],
  ['connect EHOSTUNREACH 172.17.0.1:11434', 'no-route-to-host', 'firewall-reject'],
  [
    'curl: (7) Failed to connect to 172.17.0.1 port 11434: No route to host',
    'no-route-to-host',
    'firewall-reject',
  ],
  ['OSError: [Errno 101] Network is unreachable', 'network-unreachable', 'route-missing'],
  ['Error: socket hang up', 'accepted-then-cut', 'reach-reset'],
  ['Post "http://host.docker.internal:11434/api/chat": EOF', 'accepted-then-cut', 'reach-reset'],
  [
    'write EPROTO 14654428880960:error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:../../third_party/boringssl/src/ssl/tls_record.cc:231:',
    'tls-to-plain-http',
    'url-https',
  ],
  [
    'Get "https://ollama:11434/api/tags": http: server gave HTTP response to HTTPS client',
    'tls-to-plain-http',
    'url-https',
  ],
  ['{"error":"model \'x\' not found"}', 'model-missing', 'model-missing'],
  ['Request failed with status code 403', 'forbidden', 'forbidden-origin'],
  ['Request failed with status code 502', 'gateway-error', 'proxy-hijack'],
  ['model requires more system memory (5.6 GiB) than is available (4.1 GiB)', 'runner-failed', 'api-error'],
  [
    'Error: listen tcp 127.0.0.1:11434: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted.',
    'bind-in-use',
    'port-conflict',
  ],
  ['panic: only one * is allowed', 'bad-origins', 'crash-loop'],
  ['Warning: could not connect to a running Ollama instance', 'ollama-cli', 'not-running'],
  ['Error: could not connect to ollama app, is it running?', 'ollama-cli', 'not-running'],
  ['Health check timeout for http://host.docker.internal:11434', 'archon-health-timeout', 'firewall-drop'],
  [
    'ExecuteGraphton failed for execution aex-1769031622000206000: All connection attempts failed',
    'stigmer-attempts-failed',
    'bind-loopback',
  ],
];

describe('a line of a log', () => {
  it.each(lines)('%s', (line, id, first) => {
    const match = matchLine(line);
    expect(match?.error.id).toBe(id);
    expect(match?.suspicion.codes[0]).toBe(first);
  });

  it.each([
    'INFO: 127.0.0.1:51748 - "GET /api/v1/auths/ HTTP/1.1" 200 OK',
    '[GIN] 2025/10/19 - 09:28:35 | 200 |  403.4µs |  192.168.1.2 | GET "/api/tags"',
    'pulling 4f404033 14403 of 84031 kB',
    'Ollama is running',
    '',
  ])('is left alone when it is no message: %s', (line) => expect(matchLine(line)).toBeUndefined());

  it('is shown without what is secret in it', () => {
    const shown = (line: string) => matchLine(line)?.line;
    expect(shown('connect ECONNREFUSED http://ann:p@ss@10.0.0.9:11434/?api_key=abc123def')).toBe(
      'connect ECONNREFUSED http://10.0.0.9:11434/?api_key=(left out)',
    );
    expect(shown('Authorization: Bearer eyJhbGciOi.x.y fetch failed')).toBe(
      'Authorization: Bearer (left out) fetch failed',
    );
    expect(shown('OPENAI_API_KEY="sk-abcdefgh12345678" fetch failed')).not.toContain('abcdefgh');
    expect(shown('proxy ann:secret@10.0.0.1:3128 socket hang up')).toBe('proxy 10.0.0.1:3128 socket hang up');
  });

  it('is understood without its colours, and when UTF-16 was read as UTF-8', () => {
    expect(matchLine('\u001b[31mconnect ECONN\u001b[0mREFUSED 127.0.0.1:11434')?.line).toBe(
      'connect ECONNREFUSED 127.0.0.1:11434',
    );
    expect(matchLine('fetch failed'.split('').join('\0'))?.error.id).toBe('fetch-failed');
  });
});
