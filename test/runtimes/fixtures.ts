import { readFileSync } from 'node:fs';

/** A real engine's answer, by engine and name: `['docker', '20.10', 'version']`. */
export function engineAnswer(engine: string, name: string): unknown {
  return JSON.parse(engineText(engine, name)) as unknown;
}

export function engineText(engine: string, name: string): string {
  return readFileSync(
    new URL(`../../fixtures/outputs/docker/${engine}/${name}.json`, import.meta.url),
    'utf8',
  );
}
