import type { KnownError } from './known-error.ts';

/** What browsers and client libraries say of an address that they cannot use, or of an answer that is none to them. */
export const clients: readonly KnownError[] = [
  {
    id: 'mixed-content',
    says: [
      ['mixed content', 'insecure resource'],
      ['mixed content', 'insecure xmlhttprequest'],
    ],
    sample:
      "Mixed Content: The page at 'https://chat.example.com/' was loaded over HTTPS, but requested an insecure resource 'http://192.168.1.5:11434/api/tags'. This request has been blocked; the content must be served over HTTPS.",
    telling: 'reason',
    meaning:
      'The browser itself keeps a page that came by https from asking http, so nothing was sent: have the https proxy of the page pass requests on to Ollama, or have the application ask from its server. Loopback is let through by Chrome.',
    codes: ['url-https', 'forbidden-origin'],
    next: 'host',
    source: 'lobehub/lobehub#1619',
  },
  {
    id: 'no-json',
    says: [
      ['expecting value: line 1 column 1 (char 0)'],
      ['jsondecodeerror'],
      ['unexpected end of json input'],
    ],
    sample: 'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)',
    telling: 'symptom',
    meaning:
      'An answer came and is not JSON: the page of a proxy, a 403 without a body, or another program at that address. It may also be text of a model, where the application asked that for JSON.',
    codes: ['proxy-hijack', 'not-ollama', 'forbidden-host', 'api-error'],
    next: 'container',
    source: 'langchain-ai/langchain#18317',
  },
  {
    id: 'browser-refused',
    says: [['err_connection_refused']],
    sample: 'GET http://localhost:11434/api/tags net::ERR_CONNECTION_REFUSED',
    telling: 'symptom',
    meaning:
      'The browser was refused: what the page asks counts on the machine of the browser, where localhost is not the server.',
    codes: ['bind-loopback', 'not-running', 'url-wrong-port'],
    next: 'host',
    source: 'chromium/chromium net/base/net_error_list.h',
  },
  {
    id: 'openai-connection',
    says: [['apiconnectionerror', 'connection error'], ['failed to call openai api: connection error']],
    sample: 'openai.APIConnectionError: Connection error.',
    telling: 'wrapper',
    meaning:
      "OpenAI's library could not connect to the base URL that it was given; the reason is its cause, in a line nearby.",
    codes: ['url-localhost', 'bind-loopback', 'not-running', 'dns-missing'],
    next: 'container',
    source: 'khoj-ai/khoj#1100',
  },
];
