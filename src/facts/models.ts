/** A folder of models on this host, of whichever instance of Ollama. */
export interface ModelFolder {
  /** `/usr/share/ollama/.ollama/models`. */
  path: string;
  /** Names with their tags, as `ollama list` shows them. */
  models: string[];
}
