import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LabHost, prepareLab } from './host/index.ts';
import { incident, incidentHost } from './scenarios/incident.ts';

interface Found {
  from: string;
  url: string | null;
  tried: { url: string; works: boolean; outcome: string; via?: string }[];
}

const printed = (url: string) => ({ exitCode: 0, stdout: `${url}\n`, stderr: '' });

describe('url on the host of the incident, where silence and loopback are in the way', () => {
  let host: LabHost;
  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({ name: 'url-incident' });
  });
  afterAll(() => host?.stop());

  const url = (...args: string[]) => host.doctor(['url', ...args]);

  test('prints nothing and exits 1 from the container, with every way and where it ends', async () => {
    const { exitCode, stdout, stderr } = await url('--from', incident.container);
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toContain('no URL works from archon-server');
    expect(stderr).toContain('http://host.docker.internal:11434  connection: timed out at 172.17.0.1:11434');
    expect(stderr).toContain('http://172.18.0.1:11434  connection: timed out');
    const json = await url('--from', incident.container, '--json');
    expect([json.exitCode, (JSON.parse(json.stdout) as Found).url]).toEqual([1, null]);
  });

  test('costs one silent probe, however many ways are silent', async () => {
    const startedAt = performance.now();
    await url('--from', incident.container);
    expect(performance.now() - startedAt).toBeLessThan(2 * 3500);
  });

  test('leaves a variable empty, so that a script notices', async () => {
    const script = `X=$(node /opt/ollama-doctor/bin/ollama-doctor.js url --from ${incident.container} 2>/dev/null) || echo "[$X]"`;
    expect(await host.must(['sh', '-c', script])).toBe('[]\n');
  });

  test('works from the host itself', async () => {
    expect(await url()).toMatchObject(printed('http://127.0.0.1:11434'));
    expect(await url('http://127.0.0.1:11434/')).toMatchObject(printed('http://127.0.0.1:11434'));
    expect(await url('http://192.0.2.10:11434')).toMatchObject({ exitCode: 1, stdout: '' });
  });

  test('is loopback in a container on the host’s network, by the name it is set up with', async () => {
    await host.docker.runContainer({ name: 'plain', network: 'host' });
    await host.docker.runContainer({
      name: 'agent',
      network: 'host',
      env: { STIGMER_LLM_BASE_URL: 'http://localhost:11434' },
    });
    expect(await url('--from', 'plain')).toMatchObject(printed('http://127.0.0.1:11434'));
    expect(await url('--from', 'agent')).toMatchObject(printed('http://localhost:11434'));
  });

  test('is the alias of an Ollama in a container on the same network, and its name elsewhere is not', async () => {
    await host.docker.runContainer({
      name: 'ai-ollama-1',
      network: incident.network,
      env: { OLLAMA_HOST: '0.0.0.0' },
      compose: { project: 'ai', service: 'ollama' },
      options: [
        '--network-alias',
        'ollama',
        '-v',
        '/usr/local/bin/ollama:/usr/local/bin/ollama:ro',
        '-v',
        '/usr/local/lib/ollama-standin:/usr/local/lib/ollama-standin:ro',
      ],
      command: ['/usr/local/bin/ollama', 'serve'],
    });
    await host.docker.runContainer({ name: 'neighbour', network: incident.network });
    await host.docker.runContainer({ name: 'stranger' });
    const there = 'http://ollama:11434';
    expect(await url('--from', 'neighbour')).toMatchObject(printed(there));
    expect(await url('--from', incident.container)).toMatchObject(printed(there));
    expect(await url('--from', 'neighbour', 'http://localhost:11434')).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('connection: refused'),
    });
    expect(await url('--from', 'stranger', there)).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringContaining('name: not known there'),
    });
  });
});

describe('url on a healthy host', () => {
  let host: LabHost;
  beforeAll(async () => {
    await prepareLab();
    host = await incidentHost({ name: 'url-healthy', bind: 'all', rules: 'allow' });
  });
  afterAll(() => host?.stop());

  test('prints the one line that a script takes, and it works in the container', async () => {
    const doctor = 'node /opt/ollama-doctor/bin/ollama-doctor.js';
    const script = `export X=$(${doctor} url --from ${incident.container}) && echo "[$X]"`;
    expect(await host.must(['sh', '-c', script])).toBe(`[${incident.url}]\n`);
    expect(await host.docker.get(incident.container, `${incident.url}/api/tags`)).toMatchObject({
      outcome: 'answered',
      status: 200,
    });
    const env = await host.doctor(['url', '--from', incident.container, '--env', 'OLLAMA_BASE_URL']);
    expect(env).toMatchObject(printed(`OLLAMA_BASE_URL=${incident.url}`));
  });

  test('asks once where the preferred way works, from inside the container', async () => {
    const { stdout } = await host.doctor(['url', '--from', incident.container, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      from: 'container:archon-server',
      url: incident.url,
      tried: [{ url: incident.url, works: true, outcome: 'ok', via: 'docker exec archon-server python3' }],
    });
  });

  test('falls back to the gateway where no name was written into the container', async () => {
    await host.docker.runContainer({ name: 'nameless', network: incident.network });
    expect(await host.doctor(['url', '--from', 'nameless'])).toMatchObject(
      printed('http://172.17.0.1:11434'),
    );
    expect(await host.doctor(['url', incident.url, '--from', 'nameless'])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/name: (?:not known there|the name server does not answer)/u),
    });
  });

  test('asks from an image with nothing in it, without root, and leaves nothing behind', async () => {
    await host.docker.runContainer({
      name: 'nothing',
      image: 'scratch:1',
      network: incident.network,
      extraHosts: ['host.docker.internal:host-gateway'],
    });
    const before = await host.must(['docker', 'ps', '-aq']);
    expect(await host.doctor(['url', '--from', 'nothing'], { user: 'dora' })).toMatchObject(
      printed(incident.url),
    );
    expect(await host.must(['docker', 'ps', '-aq'])).toBe(before);
  });

  test('says who may not look', async () => {
    const { exitCode, stdout, stderr } = await host.doctor(['url', '--from', incident.container], {
      user: 'nora',
    });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/docker\.sock.*(?:sudo|group docker)/u);
  });

  test('gives the same answer from a recording', async () => {
    const live = await host.doctor(['url', '--from', 'nameless', '--json', '--record', '/tmp/url.json']);
    const replayed = await host.doctor(['url', '--from', 'nameless', '--json', '--replay', '/tmp/url.json']);
    expect([live.exitCode, replayed.exitCode]).toEqual([0, 0]);
    expect(JSON.parse(replayed.stdout)).toEqual(JSON.parse(live.stdout));
  });
});
