/** The checks, in the order they are reported: from the server outwards. Their ids are public and stay as they are. */
export const checkIds = [
  'ollama-service',
  'bind-address',
  'port-owner',
  'ollama-api',
  'models',
  'container-runtime',
  'client-url',
  'container-dns',
  'gateway-route',
  'firewall',
  'container-reach',
  'exposure',
  'persistence',
] as const;
export type CheckId = (typeof checkIds)[number];

/** Says whether a word is the id of a check. */
export function isCheckId(word: string): word is CheckId {
  return (checkIds as readonly string[]).includes(word);
}
