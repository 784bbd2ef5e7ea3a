import type { LoadedModel } from '../facts/api.ts';
import type { Machine } from '../machine/machine.ts';
import { apiBase } from './ask.ts';
import { field, readJson } from './bodies.ts';

/**
 * What is loaded now, from `GET /api/ps` (docs/api.md; since v0.1.33).
 * @returns undefined where the server cannot say
 */
export async function askLoaded(
  machine: Machine,
  url: URL,
  options: { ownHeaders?: boolean } = {},
): Promise<LoadedModel[] | undefined> {
  const result = await machine.request({
    url: `${apiBase(url)}/api/ps`,
    headers: { accept: '*/*' },
    ...(options.ownHeaders === true ? { ownHeaders: true as const } : {}),
  });
  return result.outcome === 'answered' && result.status === 200 ? readLoaded(result.body) : undefined;
}

/** The models in a body of `GET /api/ps`; undefined when it is no such list. Never throws. */
export function readLoaded(body: string): LoadedModel[] | undefined {
  const models = field(readJson(body), 'models');
  if (models === null) return [];
  if (!Array.isArray(models)) return undefined;
  return models.flatMap((one: unknown) => {
    const name = field(one, 'name') ?? field(one, 'model');
    if (typeof name !== 'string' || name === '') return [];
    const number = (of: string): number | undefined => {
      const value = field(one, of);
      return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
    };
    const [size, vram, context] = [number('size'), number('size_vram'), number('context_length')];
    return [
      {
        name,
        ...(size === undefined ? {} : { size }),
        ...(vram === undefined ? {} : { sizeVram: vram }),
        ...(context === undefined ? {} : { contextLength: context }),
      },
    ];
  });
}

/**
 * Where a loaded model runs, as `ollama ps` says it: the share of it in the graphics card's memory (cmd/cmd.go,
 * ListRunningHandler).
 */
export function processorOf({ size, sizeVram }: LoadedModel): string | undefined {
  if (size === undefined || size === 0 || sizeVram === undefined) return undefined;
  if (sizeVram === 0) return 'on the CPU';
  if (sizeVram >= size) return 'on the GPU';
  const cpu = Math.round(((size - sizeVram) / size) * 100);
  return `${cpu} % on the CPU and ${100 - cpu} % on the GPU`;
}
