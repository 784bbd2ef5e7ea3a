/**
 * Ollama with its version, as a person reads it: `Ollama 0.12.3`.
 * @param version what it gave, or `unknown`, as of the first servers, which had no `/api/version`
 */
export function ollamaOf(version: string): string {
  return version === 'unknown' ? 'Ollama of an unknown version' : `Ollama ${version}`;
}
