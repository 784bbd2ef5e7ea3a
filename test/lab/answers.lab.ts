import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckRow, Report } from '../../src/report/schema.ts';
import { type LabHost, prepareLab } from './host/index.ts';
import { key, ports } from './scenarios/answer-ports.ts';
import { preparedStates, standingStates, wrongIn } from './scenarios/answer-states.ts';
import { answersHost } from './scenarios/answers.ts';
import { recordedState } from './scenarios/recorded-state.ts';

let host: LabHost;
beforeAll(async () => {
  await prepareLab(['proxies']);
  host = await answersHost('answers');
});
afterAll(() => host?.stop());

const url = (port: number): string => `http://127.0.0.1:${port}`;

async function report(args: readonly string[]): Promise<Report> {
  const { stdout } = await host.doctor(['--json', ...args]);
  return JSON.parse(stdout) as Report;
}

/** The report of a state that a test has prepared, and what is wrong in it. */
async function seen(
  name: keyof typeof preparedStates,
  env: Readonly<Record<string, string>> = {},
): Promise<{ report: Report; wrong: string[] }> {
  const found = await recordedState(host, name, preparedStates[name].words, env);
  return { report: found, wrong: wrongIn(found, preparedStates[name]) };
}

describe('who is answering', () => {
  test.each(Object.entries(standingStates))('%s', async (name, state) => {
    expect(wrongIn(await recordedState(host, name, state.words), state)).toEqual([]);
  });

  test('a proxy that wants credentials gets the header that was given, and nobody sees it', async () => {
    const found = await seen('answers-key-given', { OLLAMA_DOCTOR_HEADER: `Authorization: Bearer ${key}` });
    expect(found.wrong).toEqual([]);
    const recorded = await host.read('/tmp/answers-key-given.json');
    expect(JSON.stringify(found.report) + recorded).not.toContain(key);
  });
});

describe('models', () => {
  const only = ['--only', 'ollama-api,models'];

  test('one that is missing is looked for in other folders', async () => {
    await host.write('/root/.ollama/models/manifests/registry.ollama.ai/library/mistral/7b', '{}');
    const missing = await seen('models-in-other-folder');
    expect(missing.wrong).toEqual([]);
    expect(missing.report.checks).toContainEqual(
      expect.objectContaining({ code: 'model-missing', recipe: 'pull-model' }),
    );
  });

  test('are pulled when asked to, proved, and removed again by undo', async () => {
    const args = [...only, '--require-model', 'tinyllama', '--json'];
    const list = (): Promise<string> => host.must(['ollama', 'list']);
    expect((await report([...args, '--dry-run'])).fixes).toMatchObject([
      { recipe: 'pull-model', status: 'planned' },
    ]);
    expect(await list()).not.toContain('tinyllama');
    const fixed = await report([...args, '--fix', '--yes']);
    expect(fixed.fixes).toMatchObject([{ recipe: 'pull-model', status: 'verified' }]);
    expect(fixed.status).toBe('healthy');
    expect(await list()).toContain('tinyllama:latest');
    expect((await host.doctor(['undo'])).exitCode).toBe(0);
    expect(await list()).not.toContain('tinyllama');
    const failed = await report([...only, '--require-model', 'nope', '--fix', '--yes']);
    expect(failed.fixes).toMatchObject([{ recipe: 'pull-model', status: 'rolled-back' }]);
    expect(failed.fixes[0]?.notes?.join(' ')).toContain('file does not exist');
  });

  test('that a container names are looked for, from inside', async () => {
    const env = {
      OLLAMA_BASE_URL: 'http://127.0.0.1:11434',
      OLLAMA_MODEL: 'llama3.2:70b',
      RAG_EMBEDDING_ENGINE: 'ollama',
    };
    await host.docker.runContainer({ name: 'app', network: 'host', env });
    expect((await seen('models-of-container')).wrong).toEqual([]);
    await host.must(['docker', 'rm', '-f', 'app']);
    await host.docker.runContainer({
      name: 'fine',
      network: 'host',
      env: { ...env, OLLAMA_MODEL: 'llama3.2' },
    });
    expect((await seen('models-of-container-there')).wrong).toEqual([]);
    await host.must(['docker', 'rm', '-f', 'fine']);
  });

  test('a name that Ollama refuses is told for the container that uses it', async () => {
    await host.docker.runContainer({
      name: 'named',
      network: 'host',
      env: { OLLAMA_BASE_URL: 'http://ollama.example.com:11434' },
      extraHosts: ['ollama.example.com:127.0.0.1'],
    });
    const found = await seen('answers-forbidden-to-container');
    expect(found.wrong).toEqual([]);
    expect(found.report.causes).toMatchObject([{ code: 'forbidden-host', affects: ['container:named'] }]);
    await host.must(['docker', 'rm', '-f', 'named']);
  });
});

describe('having a model answer', () => {
  const generate = async (port: number, model: string): Promise<CheckRow[]> =>
    (await report(['--only', 'ollama-api,models', '--url', url(port), '--generate', model])).checks
      .filter((row) => row.id === 'models')
      .slice(1);

  test('straight, and through a proxy that passes on what it gets', async () => {
    await host.write('/etc/ollama-standin/gpu-share', '0.5');
    expect((await seen('generate-straight')).wrong).toEqual([]);
    for (const port of [ports.caddy.streams, ports.nginx.streams])
      expect((await generate(port, 'llama3.2')).map((one) => one.code)).toEqual([undefined]);
  });

  test('through one that holds it back', async () => {
    expect((await seen('generate-buffered')).wrong).toEqual([]);
  });

  test('an embedding', async () => {
    expect((await seen('generate-embedding')).wrong).toEqual([]);
  });

  test('slow to load is told from broken', async () => {
    await host.must(['systemctl', 'restart', 'ollama']);
    await host.must(['sh', '-c', 'until curl -sf 127.0.0.1:11434/api/version; do sleep 0.2; done']);
    await host.write('/etc/ollama-standin/load-seconds', '30');
    expect((await seen('generate-slow')).wrong).toEqual([]);
    await host.write('/etc/ollama-standin/no-memory', '');
    expect((await seen('generate-no-memory')).wrong).toEqual([]);
  });
});
