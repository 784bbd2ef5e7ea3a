import type { KnownError } from './known-error.ts';

/** Clients that waited for a whole answer as long as they were told to, on a connection that was made or was not. */
export const gaveUp: readonly KnownError[] = [
  {
    id: 'gave-up-waiting',
    says: [['connection timed out. timeout passed='], ['curl: (28)', 'bytes received']],
    sample:
      'litellm.APIConnectionError: OllamaException - litellm.Timeout: Connection timed out. Timeout passed=600.0, time taken=579.681 seconds',
    telling: 'reason',
    meaning:
      'The client waited for the whole answer as long as it was told to: a model that loads or computes slowly, unless that was a few seconds only.',
    codes: ['api-timeout', 'firewall-drop'],
    next: 'container',
    source: 'agent0ai/agent-zero#610',
  },
  {
    id: 'openai-timeout',
    says: [['apitimeouterror'], ['openai', 'request timed out.'], ['request timed out.']],
    sample: 'openai.APITimeoutError: Request timed out.',
    telling: 'symptom',
    meaning:
      "OpenAI's library gave up, and says the same of a connection that did not come about and of an answer that took too long. If its base URL is Ollama's, a model that loads slowly is as likely as packets that are dropped.",
    codes: ['api-timeout', 'generate-slow', 'firewall-drop'],
    next: 'container',
    source: 'openai/openai-python src/openai/_exceptions.py (APITimeoutError)',
  },
];
