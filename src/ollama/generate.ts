import type { Generated, LoadedModel } from '../facts/api.ts';
import type { HttpResult, Machine } from '../machine/machine.ts';
import type { Evidence } from '../report/schema.ts';
import { apiBase } from './ask.ts';
import { field, readError, readJson } from './bodies.ts';
import { readStream } from './generate-stream.ts';
import { askLoaded } from './loaded.ts';
import { fullName } from './model-names.ts';

/** Enough to see whether they come one by one; few enough for a model on a slow CPU. */
const tokens = 8;
const maxBytes = 256 * 1024;

export interface GenerateOptions {
  /** For the request itself, loading of the model included, in milliseconds. */
  timeoutMs: number;
  /** True for a model that only makes embeddings. */
  embedding: boolean;
  ownHeaders?: boolean;
  /** One token and no question about what is loaded: for a place where every request is dear. */
  brief?: boolean;
  /** A forward proxy to ask through. */
  proxy?: string;
}

/**
 * Has a model answer once: a handful of tokens through `/api/generate`, or one embedding through `/api/embed` (on old
 * servers `/api/embeddings`), with the times at which they came, and what `/api/ps` says before and after. The model is
 * loaded by that and stays so for as long as the server keeps models (5 minutes unless it was told otherwise).
 */
export async function generateOnce(
  machine: Machine,
  url: URL,
  model: string,
  options: GenerateOptions,
): Promise<Generated> {
  const base = apiBase(url);
  const evidence: Evidence[] = [];
  const own = options.ownHeaders === true ? { ownHeaders: true as const } : {};
  const loaded = async (): Promise<LoadedModel[] | undefined> =>
    options.brief === true ? undefined : askLoaded(machine, url, own);
  const before = await loaded();
  const post = async (path: string, body: object): Promise<HttpResult> => {
    const result = await machine.request({
      method: 'POST',
      url: base + path,
      headers: { accept: '*/*', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      timeoutMs: options.timeoutMs,
      maxBytes,
      timeline: true,
      ...(options.proxy === undefined ? {} : { proxy: options.proxy }),
      ...own,
    });
    const via = options.proxy === undefined ? '' : `, through ${options.proxy}`;
    evidence.push({ source: `POST ${base}${path} {"model":"${model}"}${via}`, text: inWords(result) });
    return result;
  };
  const embed = async (): Promise<HttpResult> => {
    const result = await post('/api/embed', { model, input: 'hello' });
    const isOld =
      result.outcome === 'answered' && result.status === 404 && readError(result.body) === undefined;
    return isOld ? post('/api/embeddings', { model, prompt: 'hello' }) : result;
  };
  let kind: Generated['kind'] = options.embedding ? 'embedding' : 'tokens';
  let result = options.embedding
    ? await embed()
    : await post('/api/generate', {
        model,
        prompt: 'Say hello.',
        stream: true,
        options: { num_predict: options.brief === true ? 1 : tokens },
      });
  // Ollama's words for a model that cannot: "nomic-embed-text" does not support generate (server/routes.go).
  if (
    kind === 'tokens' &&
    isAnswered(result) &&
    /does not support generate/iu.test(readError(result.body) ?? '')
  ) {
    kind = 'embedding';
    result = await embed();
  }
  const after = await loaded();
  const find = (list: LoadedModel[] | undefined): LoadedModel | undefined =>
    list?.find((one) => fullName(one.name) === fullName(model));
  const memory = find(after);
  return {
    model,
    kind,
    ...judge(result, kind),
    ...(before === undefined ? {} : { wasLoaded: find(before) !== undefined }),
    ...(after === undefined ? {} : { isLoaded: memory !== undefined }),
    ...(memory === undefined ? {} : { memory }),
    evidence,
  };
}

function isAnswered(result: HttpResult): result is HttpResult & { outcome: 'answered' } {
  return result.outcome === 'answered';
}

type Judged = Pick<Generated, 'outcome'> &
  Partial<
    Pick<Generated, 'detail' | 'totalMs' | 'firstMs' | 'loadMs' | 'tokens' | 'buffered' | 'dimensions'>
  >;

function judge(result: HttpResult, kind: Generated['kind']): Judged {
  if (result.outcome === 'not-recorded')
    return {
      outcome: 'unavailable',
      detail:
        'the recording holds no answer of this model: it was made without --generate, or with another one',
    };
  if (result.outcome === 'unavailable') return { outcome: 'unavailable', detail: result.detail };
  if (result.outcome === 'timeout')
    return { outcome: 'timeout', detail: result.detail, totalMs: result.elapsedMs };
  if (result.outcome !== 'answered')
    return { outcome: 'failed', detail: result.detail, totalMs: result.elapsedMs };
  const totalMs = result.elapsedMs;
  if (result.status >= 400) {
    const said = readError(result.body) ?? result.body.slice(0, 160);
    return { outcome: 'error', detail: `HTTP ${result.status}: ${plain(said)}`, totalMs };
  }
  if (kind === 'tokens') return { ...readStream(result.body, result.timeline ?? []), totalMs };
  return { ...readEmbedding(result.body), totalMs };
}

/** `{"embeddings":[[…]]}` of /api/embed, `{"embedding":[…]}` of the older /api/embeddings. */
function readEmbedding(body: string): Judged {
  const answer = readJson(body);
  const many = field(answer, 'embeddings');
  const vector: unknown = Array.isArray(many) ? many[0] : field(answer, 'embedding');
  if (!Array.isArray(vector) || vector.length === 0)
    return { outcome: 'error', detail: 'the answer holds no embedding' };
  const load = field(answer, 'load_duration');
  return {
    outcome: 'answered',
    dimensions: vector.length,
    ...(typeof load === 'number' ? { loadMs: Math.round(load / 1e6) } : {}),
  };
}

function inWords(result: HttpResult): string {
  if (result.outcome === 'not-recorded') return 'not recorded';
  if (result.outcome !== 'answered')
    return `${result.outcome} after ${result.elapsedMs} ms: ${plain(result.detail)}`;
  const pieces = result.timeline ?? [];
  const when =
    pieces.length === 0
      ? ''
      : `, the first piece after ${pieces[0]?.ms} ms, the last after ${pieces.at(-1)?.ms} ms`;
  const said = result.status >= 400 ? `: ${plain(result.body)}` : '';
  return `${result.status} in ${result.elapsedMs} ms${when}${said}`;
}

function plain(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
