import type { KnownError } from './known-error.ts';

/** Answers that came too late, on a connection that was made. */
export const slowAnswers: readonly KnownError[] = [
  {
    id: 'slow-answer',
    says: [
      ['und_err_headers_timeout'],
      ['headerstimeouterror'],
      ['headers timeout error'],
      ['und_err_body_timeout'],
      ['awaiting headers'],
      ['awaiting response headers'],
      ['context deadline exceeded'],
      ['read timed out'],
      ['readtimeout'],
      ['client connection closed before server finished loading'],
    ],
    sample: '[cause]: HeadersTimeoutError: Headers Timeout Error',
    telling: 'reason',
    meaning:
      'The connection was made, and the answer took longer than the client waits: a model that loads or computes slowly. Give the client more time; it is not the network.',
    codes: ['api-timeout', 'generate-slow', 'firewall-drop'],
    next: 'host',
    source: 'ollama/ollama-js#72',
  },
];
