import { hasModel } from '../ollama/model-names.ts';
import { field, readError, readJson, readModels } from '../ollama/bodies.ts';
import { inBytes } from '../ollama/model-kind.ts';
import type { Machine } from '../machine/machine.ts';
import type { PullChange } from './change.ts';
import { StepError } from './file-step.ts';

/** A large model over a slow line takes hours; silence as long as this is the end of it. */
const longestMs = 24 * 3_600_000;
const idleMs = 180_000;
const lastBytes = 16 * 1024;

/**
 * Has the server pull the model (POST /api/pull, a JSON object a line until `{"status":"success"}`; docs/api.md), and
 * looks whether it has it. The server downloads, not this program. Throws a StepError.
 * @param tell told how far it is, in words, now and then
 */
export async function makePull(
  machine: Machine,
  change: PullChange,
  tell: (words: string) => void = () => undefined,
): Promise<void> {
  const progress = pullProgress(change.model, tell);
  const result = await machine.request({
    method: 'POST',
    url: `${change.url}/api/pull`,
    headers: { accept: '*/*', 'content-type': 'application/json' },
    // `name` is what servers before v0.1.35 read.
    body: JSON.stringify({ model: change.model, name: change.model, stream: true }),
    timeoutMs: longestMs,
    idleMs,
    maxBytes: lastBytes,
    keep: 'tail',
    onText: progress,
    ownHeaders: true,
  });
  if (result.outcome !== 'answered')
    throw new StepError(
      `pull ${change.model}: ${result.outcome === 'not-recorded' ? 'not recorded' : result.detail}`,
    );
  const lines = result.body.split('\n').map(readJson);
  const error = [result.body, ...result.body.split('\n')].map(readError).find((one) => one !== undefined);
  if (error !== undefined) throw new StepError(`pull ${change.model}: ${error.slice(0, 300)}`);
  if (result.status >= 400) throw new StepError(`pull ${change.model}: HTTP ${result.status}`);
  if (!lines.some((line) => field(line, 'status') === 'success'))
    throw new StepError(`pull ${change.model}: the server stopped before the end`);
  if ((await isThere(machine, change)) !== true)
    throw new StepError(`pull ${change.model}: it is not in the list`);
}

/** Removes what was pulled, as far as it is there. Throws a StepError when it stays, or when nobody can be asked. */
export async function takeBackPull(machine: Machine, change: PullChange): Promise<void> {
  const before = await isThere(machine, change);
  if (before === false) return;
  if (before === undefined)
    throw new StepError(`${change.url} could not be asked whether it still has ${change.model}`);
  await machine.request({
    method: 'DELETE',
    url: `${change.url}/api/delete`,
    headers: { accept: '*/*', 'content-type': 'application/json' },
    body: JSON.stringify({ model: change.model, name: change.model }),
    timeoutMs: 60_000,
    ownHeaders: true,
  });
  if ((await isThere(machine, change)) !== false)
    throw new StepError(`${change.model} could not be removed: ollama rm ${change.model}`);
}

/** Whether the server has the model now; undefined where it cannot be asked. */
export async function isThere(machine: Machine, { url, model }: PullChange): Promise<boolean | undefined> {
  const result = await machine.request({
    url: `${url}/api/tags`,
    headers: { accept: '*/*' },
    maxBytes: 8 * 1024 * 1024,
    ownHeaders: true,
  });
  const models = result.outcome === 'answered' && result.status === 200 ? readModels(result.body) : undefined;
  return models === undefined ? undefined : hasModel(models, model);
}

/**
 * Reads the progress as it comes, cut anywhere: `pulling llama3.2: 512 MB of 2.0 GB (25 %)`. Layers come one after the
 * other; each has its own total.
 */
function pullProgress(model: string, tell: (words: string) => void): (text: string) => void {
  let rest = '';
  let last = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(-lastBytes);
    for (const line of lines) {
      const value = readJson(line);
      const [total, completed] = [field(value, 'total'), field(value, 'completed')];
      const status = field(value, 'status');
      const words =
        typeof total === 'number' && total > 0
          ? `pulling ${model}: ${inBytes(typeof completed === 'number' ? completed : 0)} of ${inBytes(total)} (${Math.floor(((typeof completed === 'number' ? completed : 0) / total) * 100)} %)`
          : `pulling ${model}: ${typeof status === 'string' ? status.replace(/[^\x20-\x7e]/gu, ' ').slice(0, 60) : '…'}`;
      if (words !== last) tell(words);
      last = words;
    }
  };
}
