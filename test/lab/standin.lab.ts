import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bootHost, type ExecResult, type LabHost, prepareLab } from './host/index.ts';
import { installOllama } from './scenarios/ollama-service.ts';

let host: LabHost;
beforeAll(async () => {
  await prepareLab(['plain']);
  host = await bootHost({ name: 'standin', setup: (disk) => installOllama(disk) });
});
afterAll(() => host?.stop());

/** Status and body of a request to the service on loopback. */
const ask = async (path: string, ...options: string[]): Promise<string> =>
  host.must(['curl', '-s', '-w', ' %{http_code}', ...options, `http://127.0.0.1:11434${path}`]);

/** Starts the stand-in with an OLLAMA_HOST for a moment; what it logged and how it ended. */
const serve = async (value: string): Promise<ExecResult> =>
  host.exec(['timeout', '1', 'ollama', 'serve'], { env: { OLLAMA_HOST: value } });

describe('the stand-in for Ollama', () => {
  test.each([
    ['127.0.0.1:1500', 'Listening on 127.0.0.1:1500'],
    ['0.0.0.0:1501', 'Listening on [::]:1501'],
    [':1502', 'Listening on [::]:1502'],
    ['[::]:1503', 'Listening on [::]:1503'],
    ['[::1]:1504', 'Listening on [::1]:1504'],
    ['"192.0.2.10:1505"', 'Listening on 192.0.2.10:1505'],
    ['http://192.0.2.10', 'Listening on 192.0.2.10:80'],
    ['::1', 'Listening on [::1]:11434'],
    ['192.0.2.10:66000', 'invalid port, using default'],
  ])('OLLAMA_HOST=%s: %s', async (value, line) => {
    expect((await serve(value)).stderr).toContain(line);
  });

  test('says that the address is in use, and exits 1', async () => {
    expect(await serve('')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('Error: listen tcp 127.0.0.1:11434: bind: address already in use'),
    });
    expect((await serve('0.0.0.0:11434')).exitCode).toBe(1);
  });

  test('answers its endpoints as the server does', async () => {
    expect(await ask('/')).toBe('Ollama is running 200');
    expect(await ask('/api/version')).toMatch(/^\{"version":"\d+\.\d+\.\d+"\} 200$/);
    expect(await ask('/api/tags')).toContain('"name":"nomic-embed-text:latest"');
    expect(await ask('/api/ps')).toBe('{"models":[]} 200');
    expect(await ask('/v1/models')).toContain('"id":"llama3.2:latest","object":"model"');
    expect(await ask('/api/show', '-d', '{"model":"llama3.2"}')).toContain('"capabilities":["completion"');
    expect(await ask('/api/show', '-d', '{"model":"x"}')).toBe(`{"error":"model 'x' not found"} 404`);
    expect(await ask('/nothing')).toBe('404 page not found 404');
    expect(await ask('/api/tags', '-X', 'DELETE')).toBe('405 method not allowed 405');
  });

  test.each([
    ['localhost:11434', 200],
    ['host.docker.internal:11434', 200],
    ['172.17.0.1:11434', 200],
    ['192.0.2.10', 200],
    ['ollama.example.com', 403],
    ['100.64.0.9:11434', 403],
  ])('on loopback, a request for the host %s is answered %i', async (name, status) => {
    expect(await ask('/api/version', '-o', '/dev/null', '-H', `Host: ${name}`)).toBe(` ${status}`);
  });

  test.each([
    ['http://localhost:3000', 200],
    ['http://127.0.0.1:11434', 200],
    ['https://app.example.com', 403],
  ])('a request from a page of %s is answered %i', async (origin, status) => {
    expect(await ask('/api/version', '-o', '/dev/null', '-H', `Origin: ${origin}`)).toBe(` ${status}`);
  });

  test('lists models and its version for a person', async () => {
    expect(await host.must(['ollama', 'list'])).toMatch(/^NAME .*\nllama3\.2:latest /);
    expect(await host.must(['ollama', '--version'])).toMatch(/^ollama version is /);
    const away = await host.exec(['ollama', '--version'], { env: { OLLAMA_HOST: '127.0.0.1:9' } });
    expect(away.stdout).toContain('could not connect to a running Ollama instance');
  });
});

describe('the harness', () => {
  test('types at a terminal', async () => {
    const asked = await host.terminal(
      ['sh', '-c', 'test -t 0 && read -r word && echo "said $word"; exit 7'],
      {
        input: 'yes\n',
      },
    );
    expect(asked).toMatchObject({ exitCode: 7, stdout: expect.stringContaining('said yes') });
  });

  test('runs a command as a member of a group inside the host', async () => {
    expect(await host.must(['grep', '^0:', '/proc/self/cgroup'])).toBe('0::/lab-session.scope\n');
  });

  test('kills a started command, children included, and says with what', async () => {
    const sleeping = host.start(['sh', '-c', 'sleep 987 & sleep 987']);
    await host.must(['sh', '-c', 'until pgrep -f "^sleep 987"; do sleep 0.1; done']);
    sleeping.kill('SIGKILL');
    expect((await sleeping.done).exitCode).toBe(137);
    expect((await host.exec(['pgrep', '-f', '^sleep 987'])).stdout).toBe('');
  });

  test('ends a command at its deadline', async () => {
    expect((await host.exec(['sleep', '60'], { timeoutMs: 300 })).exitCode).toBe(124);
  });
});
