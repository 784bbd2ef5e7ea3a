import type { Dispatcher } from 'undici';

export interface CollectedAnswer {
  status: number;
  /** Names in lower case; repeated headers joined with `, `. */
  headers: Record<string, string>;
  body: Buffer;
  truncated: boolean;
}

/**
 * Gathers one answer from undici's dispatch, and stops reading at `maxBytes` of body. Rejects with undici's error, or
 * when `signal` is aborted. (undici's own `request` adds streams on top of this, which nothing here needs.)
 */
export function collectAnswer(
  dispatch: (handler: Dispatcher.DispatchHandler) => void,
  limits: {
    maxBytes: number;
    keep?: 'head' | 'tail';
    signal: AbortSignal;
    onHeaders: () => void;
    onData?: (chunk: Buffer) => void;
  },
): Promise<CollectedAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    let status = 0;
    let headers: Record<string, string> = {};
    const kept = (body: Buffer): Buffer =>
      limits.keep === 'tail' ? body.subarray(-limits.maxBytes) : body.subarray(0, limits.maxBytes);
    const interrupted = (): void => reject(new Error('interrupted'));
    const finish = (truncated: boolean): void => {
      limits.signal.removeEventListener('abort', interrupted);
      resolve({ status, headers, body: kept(Buffer.concat(chunks)), truncated });
    };
    limits.signal.addEventListener('abort', interrupted, { once: true });
    if (limits.signal.aborted) return interrupted();
    dispatch({
      onRequestStart: () => undefined,
      onResponseStart(_controller, statusCode, raw) {
        if (statusCode < 200) return;
        status = statusCode;
        headers = flatten(raw);
        limits.onHeaders();
      },
      onResponseData(controller, chunk) {
        chunks.push(chunk);
        total += chunk.length;
        limits.onData?.(chunk);
        if (total <= limits.maxBytes) return;
        if (limits.keep === 'tail') {
          while (chunks.length > 1 && total - (chunks[0]?.length ?? 0) >= limits.maxBytes) {
            total -= chunks.shift()?.length ?? 0;
          }
          return;
        }
        finish(true);
        controller.abort(new Error('enough'));
      },
      onResponseEnd: () => finish(false),
      onResponseError(_controller, error) {
        limits.signal.removeEventListener('abort', interrupted);
        reject(error);
      },
    });
  });
}

function flatten(raw: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
