import type { OllamaModel } from '../facts/api.ts';

/** What a model is for; `other` makes pictures or the like. */
export type ModelKind = 'chat' | 'embedding' | 'other';

/** Architectures that only make embeddings (Ollama's model/models and llama.cpp's BERT kinds), and names that say so. */
const embeddingFamily = /bert|^gemma-embedding$|^t5encoder$/iu;
const embeddingName = /(?:^|[/-])(?:[\w.]*embed[\w.]*|bge|e5|gte|minilm)(?:[-:.]|$)|embed/iu;

/**
 * The kind of a model: by its capabilities where the server gives them (in /api/tags since v0.30.0; `embedding` without
 * `completion` cannot chat), otherwise by its family and name.
 */
export function kindOf(model: OllamaModel): ModelKind {
  const { capabilities } = model;
  if (capabilities !== undefined && capabilities.length > 0) {
    if (capabilities.includes('completion')) return 'chat';
    return capabilities.includes('embedding') ? 'embedding' : 'other';
  }
  if (embeddingFamily.test(model.family ?? '') || embeddingName.test(model.name)) return 'embedding';
  return 'chat';
}

/** Whether a model can make embeddings as a model made for that does. */
export function makesEmbeddings(model: OllamaModel): boolean {
  return model.capabilities?.includes('embedding') === true || kindOf(model) === 'embedding';
}

/** Bytes as Ollama's own list shows them: `2.0 GB`, `274 MB` (format/bytes.go: decimal). */
export function inBytes(size: number): string {
  if (size >= 1e12) return `${(size / 1e12).toFixed(1)} TB`;
  if (size >= 1e9) return `${(size / 1e9).toFixed(1)} GB`;
  return size >= 1e6 ? `${Math.round(size / 1e6)} MB` : `${Math.round(size / 1e3)} KB`;
}
