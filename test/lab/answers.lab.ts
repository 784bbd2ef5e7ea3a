import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckRow, Report } from '../../src/report/schema.ts';
import { type LabHost, prepareLab } from './host/index.ts';
import { answersHost, bufferingPort, key, lookAlikes, portOf, ports } from './scenarios/answers.ts';

let host: LabHost;
beforeAll(async () => {
  await prepareLab(['proxies']);
  host = await answersHost('answers');
});
afterAll(() => host?.stop());

const url = (port: number): string => `http://127.0.0.1:${port}`;

async function report(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Report & { text: string }> {
  const { stdout, stderr } = await host.doctor(['--json', ...args], { env });
  return { ...(JSON.parse(stdout) as Report), text: stdout + stderr };
}

/** The row of a check for what answers on a port. */
async function seenAt(address: number | string, ...args: string[]): Promise<CheckRow | undefined> {
  const at = typeof address === 'number' ? url(address) : address;
  return (await report(['--only', 'ollama-api', '--url', at, ...args])).checks[0];
}

const words = (row: CheckRow | undefined): string => [row?.summary, ...(row?.instructions ?? [])].join('\n');

describe('who is answering', () => {
  test.each(Object.entries(lookAlikes) as [keyof typeof lookAlikes, RegExp][])(
    '%s is named',
    async (kind, name) => {
      const row = await seenAt(portOf(kind));
      expect(row?.status).toBe('fail');
      expect(row?.code).toBe(
        kind === 'silent' ? 'api-timeout' : kind === 'reset' ? 'api-error' : 'not-ollama',
      );
      expect(row?.summary).toMatch(name);
    },
  );

  test("Ollama's own 403, brought by nginx and by Caddy, with the words that mend each", async () => {
    const nginx = await seenAt(ports.nginx.foreignHost);
    expect(nginx?.code).toBe('forbidden-host');
    expect(words(nginx)).toContain('proxy_set_header Host localhost:11434;');
    const caddy = await seenAt(ports.caddy.foreignHost);
    // Caddy's own 403 has no body either, so whose it is cannot be told; the words are for both.
    expect(words(caddy)).toContain('Caddy, or Ollama behind it');
    expect(words(caddy)).toContain('header_up Host localhost:11434');
  });

  test("a proxy's own 403, 502 and redirect are the proxy's", async () => {
    expect(words(await seenAt(ports.nginx.refuses))).toMatch(/nginx.* refuses the request \(403\)/u);
    expect(words(await seenAt(ports.caddy.refuses))).toMatch(/Caddy, or Ollama behind it, refuses/u);
    expect(words(await seenAt(ports.nginx.gone))).toMatch(
      /nginx.* got no answer from the server behind it \(502\)/u,
    );
    const login = await seenAt(ports.nginx.login);
    expect(words(login)).toContain('wants credentials (302)');
    expect(JSON.stringify(login)).not.toContain('next=secret');
    expect(words(await seenAt(ports.nginx.page))).toContain('Welcome to nginx!');
  });

  test('a proxy that wants credentials gets the header that was given, and nobody sees it', async () => {
    expect(words(await seenAt(ports.nginx.wantsKey))).toContain('OLLAMA_DOCTOR_HEADER=');
    const env = { OLLAMA_DOCTOR_HEADER: `Authorization: Bearer ${key}` };
    const args = ['--only', 'ollama-api', '--url', url(ports.nginx.wantsKey), '--record', '/tmp/header.json'];
    const passed = await report(args, env);
    expect(passed.checks[0]).toMatchObject({ status: 'pass' });
    expect(passed.text + (await host.read('/tmp/header.json'))).not.toContain(key);
  });

  test('TLS on a plain port, and the reverse', async () => {
    expect(words(await seenAt('https://127.0.0.1:11434'))).toContain('Ollama speaks plain http');
    expect(words(await seenAt(ports.nginx.tls))).toContain('wants TLS');
  });

  test('a page that Ollama does not know, and one that it does', async () => {
    const rows = async (origin: string): Promise<CheckRow[]> =>
      (await report(['--only', 'ollama-api', '--origin', origin])).checks;
    expect(await rows('http://192.0.2.7:3000')).toMatchObject([
      { status: 'pass' },
      { status: 'fail', code: 'forbidden-origin' },
    ]);
    expect(await rows('http://localhost:3000')).toMatchObject([{ status: 'pass' }, { status: 'pass' }]);
  });

  test('a version that was not asked for', async () => {
    expect(await seenAt(11_434, '--require-version', '>=99')).toMatchObject({ code: 'version-mismatch' });
  });
});

describe('models', () => {
  const only = ['--only', 'ollama-api,models'];
  const models = async (...args: string[]): Promise<CheckRow[]> =>
    (await report([...only, ...args])).checks.filter((row) => row.id === 'models');

  test('are counted by kind, and one that is missing is looked for in other folders', async () => {
    expect((await models())[0]?.summary).toContain('2 models (1 for chat, 1 for embeddings, 2.3 GB)');
    await host.write('/root/.ollama/models/manifests/registry.ollama.ai/library/mistral/7b', '{}');
    const [row] = await models('--require-model', 'mistral:7b');
    expect(row).toMatchObject({ code: 'model-missing', recipe: 'pull-model' });
    expect(row?.summary).toContain('/root/.ollama/models has it');
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
    const found = await report([]);
    const rows = found.checks.filter((row) => row.id === 'models' && row.subject === 'container:app');
    expect(rows).toMatchObject([{ status: 'warn', code: 'model-missing' }]);
    expect(rows[0]?.summary).toContain('there is llama3.2:latest');
    expect(found.causes).toEqual([]);
    await host.must(['docker', 'rm', '-f', 'app']);
  });

  test('a name that Ollama refuses is told for the container that uses it', async () => {
    await host.docker.runContainer({
      name: 'named',
      network: 'host',
      env: { OLLAMA_BASE_URL: 'http://ollama.example.com:11434' },
      extraHosts: ['ollama.example.com:127.0.0.1'],
    });
    const found = await report([]);
    expect(found.causes).toMatchObject([{ code: 'forbidden-host', affects: ['container:named'] }]);
    await host.must(['docker', 'rm', '-f', 'named']);
  });
});

describe('having a model answer', () => {
  const generate = async (port: number, model: string, ...args: string[]): Promise<CheckRow[]> =>
    (await report(['--only', 'ollama-api,models', '--url', url(port), '--generate', model, ...args])).checks
      .filter((row) => row.id === 'models')
      .slice(1);

  test('straight, and through a proxy that passes on what it gets', async () => {
    await host.write('/etc/ollama-standin/gpu-share', '0.5');
    const [row, ...more] = await generate(11_434, 'llama3.2');
    expect(row).toMatchObject({ status: 'pass' });
    expect(row?.summary).toMatch(
      /first token after .*, 8 in .*; it runs 50 % on the CPU and 50 % on the GPU/u,
    );
    expect(more).toEqual([]);
    for (const port of [ports.caddy.streams, ports.nginx.streams])
      expect((await generate(port, 'llama3.2')).map((one) => one.code)).toEqual([undefined]);
  });

  test('through one that holds it back', async () => {
    expect((await generate(bufferingPort, 'llama3.2')).map((row) => row.code)).toEqual([
      undefined,
      'stream-buffered',
    ]);
  });

  test('an embedding', async () => {
    expect((await generate(11_434, 'nomic-embed-text'))[0]?.summary).toContain('an embedding of 768 numbers');
  });

  test('slow to load is told from broken', async () => {
    await host.must(['systemctl', 'restart', 'ollama']);
    await host.must(['sh', '-c', 'until curl -sf 127.0.0.1:11434/api/version; do sleep 0.2; done']);
    await host.write('/etc/ollama-standin/load-seconds', '30');
    const [slow] = await generate(11_434, 'llama3.2', '--timeout', '6000');
    expect(slow).toMatchObject({ status: 'fail', code: 'generate-slow' });
    expect(slow?.summary).toContain('it is not loaded yet');
    await host.write('/etc/ollama-standin/no-memory', '');
    const [broken] = await generate(11_434, 'llama3.2');
    expect(broken).toMatchObject({ status: 'fail', code: 'generate-failed' });
    expect(broken?.summary).toContain('requires more system memory');
  });
});
