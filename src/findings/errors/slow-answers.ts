import type { KnownError } from './known-error.ts';

/** Answers that came too late, most of them on a connection that was made. */
export const slowAnswers: readonly KnownError[] = [
  {
    id: 'slow-answer',
    says: [
      ['und_err_headers_timeout'],
      ['headerstimeouterror'],
      ['headers timeout error'],
      ['und_err_body_timeout'],
      ['awaiting response headers'],
      ['read timed out'],
      ['readtimeout'],
      ['client connection closed before server finished loading'],
    ],
    sample: '[cause]: HeadersTimeoutError: Headers Timeout Error',
    telling: 'reason',
    meaning:
      'The connection was made, and the answer took longer than the client waits: a model that loads or computes slowly. Give the client more time; it is not the network.',
    codes: ['api-timeout', 'generate-slow'],
    next: 'host',
    source: 'ollama/ollama-js#72',
  },
  {
    id: 'go-gave-up',
    says: [['awaiting headers'], ['context deadline exceeded']],
    sample:
      'Get "http://ollama:11434/api/tags": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    telling: 'reason',
    meaning:
      'The client gave up, and does not say at what: Go writes the same whether no connection came about or the answer took too long.',
    codes: ['api-timeout', 'firewall-drop'],
    next: 'container',
    source: 'Go src/net/http/client.go (setRequestCancel)',
  },
];
