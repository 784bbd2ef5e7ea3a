import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openReplay } from '../../src/machine/replay.ts';
import { type HttpScript, simulate, type SimulationScript } from '../../src/machine/simulated.ts';
import { engineAnswer } from '../runtimes/fixtures.ts';
import { type Given, runWith } from './world-of-values.ts';

const socket = '/var/run/docker.sock';
const id = 'c0ffee0000000000000000000000000000000000000000000000000000000000';
const ok = (body: unknown): HttpScript => ({ status: 200, body });

const inspected = (change: Record<string, unknown> = {}, host: Record<string, unknown> = {}) => ({
  Id: id,
  Name: '/web',
  State: { Status: 'running' },
  Config: { Image: 'app:1', Env: ['OLLAMA_URL=http://host.docker.internal:11434/v1'] },
  HostConfig: { NetworkMode: 'bridge', ...host },
  NetworkSettings: { Networks: { bridge: { IPAddress: '172.17.0.2', Gateway: '172.17.0.1' } } },
  ...change,
});

const network = {
  Name: 'bridge',
  Id: 'b0b0b0b0b0b0',
  Driver: 'bridge',
  IPAM: { Config: [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }] },
};

const ollamaAt = (base: string): Record<string, HttpScript> => ({
  [`${base}/api/version`]: ok({ version: '0.32.15' }),
  [`${base}/api/tags`]: ok({ models: [] }),
});

/** A host with one container, web, and what is answered there and here. */
function hostWith(
  inside: SimulationScript,
  outside: SimulationScript['request'] = {},
  container: object = inspected(),
): Given {
  const state = 'State' in container ? (container.State as { Status: string }).Status : 'running';
  return {
    machine: {
      inside: { 'container:web': simulate({ vantage: 'container:web', ...inside }) },
      request: {
        [`${socket} /version`]: ok(engineAnswer('26.1', 'version')),
        [`${socket} /info`]: ok(engineAnswer('26.1', 'info')),
        [`${socket} /networks`]: ok([network]),
        [`${socket} /containers/json?all=1`]: ok([{ Id: id, Names: ['/web'], Image: 'app:1', State: state }]),
        [`${socket} /containers/json?all=true`]: ok([
          { Id: id, Names: ['/web'], Image: 'app:1', State: state },
        ]),
        [`${socket} /containers/${id}/json`]: ok(container),
        ...outside,
      },
    },
  };
}

const names = { 'host.docker.internal': ['172.17.0.1'] };
const local = 'http://127.0.0.1:11434';
const inContainer = 'http://host.docker.internal:11434';
const incident = fileURLToPath(new URL('../../fixtures/incident', import.meta.url));

describe('url from this host', () => {
  it('prints one URL without a slash, proved by a request', async () => {
    const ran = await runWith(['url'], { machine: { request: ollamaAt(local) } });
    expect(ran).toEqual({ exitCode: 0, stdout: `${local}\n`, stderr: '', disposed: true });
  });

  it('prints nothing and exits with 1 where none works', async () => {
    const ran = await runWith(['url']);
    expect([ran.exitCode, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toBe(
      `ollama-doctor: no URL works from this host\n  ${local}  connection: refused\n  \`ollama-doctor\` says why\n`,
    );
  });

  it('prefers what the shell is set up with', async () => {
    const request = { ...ollamaAt(local), ...ollamaAt('http://gpu:11434') };
    const identity = { env: { OLLAMA_HOST: 'gpu' } };
    const machine = { request, identity, resolve: { gpu: ['10.0.0.5'] } };
    expect((await runWith(['url'], { machine })).stdout).toBe('http://gpu:11434\n');
  });

  it.each([
    [`${local}/`, local],
    ['127.0.0.1', local],
    [`${local}/v1/`, `${local}/v1`],
    [`${local}/api`, local],
    ['http://user:secret@127.0.0.1:11434', local],
  ])('says that %s works, as clients write it', async (given, printed) => {
    const ran = await runWith(['url', given], { machine: { request: ollamaAt(local) } });
    expect([ran.exitCode, ran.stdout]).toEqual([0, `${printed}\n`]);
  });

  it('says of a URL that it does not work, and asks nowhere else', async () => {
    const ran = await runWith(['url', 'http://127.0.0.1:9'], { machine: { request: ollamaAt(local) } });
    expect([ran.exitCode, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain('http://127.0.0.1:9 does not work from this host');
    expect(ran.stderr).toContain('`ollama-doctor url` looks for one that does');
    expect(ran.stderr).not.toContain('11434');
  });

  it('finds the published port of a container where this host itself has none', async () => {
    const server = inspected({
      Path: '/bin/ollama',
      Args: ['serve'],
      NetworkSettings: {
        Networks: {},
        Ports: { '11434/tcp': [{ HostIp: '127.0.0.1', HostPort: '9001' }] },
      },
    });
    const given = hostWith({}, ollamaAt('http://127.0.0.1:9001'), server);
    expect((await runWith(['url'], given)).stdout).toBe('http://127.0.0.1:9001\n');
  });
});

describe('url from a container', () => {
  it('prints the URL it is set up with while that works, as a base URL', async () => {
    const ran = await runWith(
      ['url', '--from', 'web'],
      hostWith({ resolve: names, request: ollamaAt(inContainer) }),
    );
    expect(ran).toMatchObject({ exitCode: 0, stdout: `${inContainer}\n`, stderr: '' });
  });

  it('prints NAME=URL with --env', async () => {
    const given = hostWith({ resolve: names, request: ollamaAt(inContainer) });
    const ran = await runWith(['url', '--from', 'web', '--env', 'OLLAMA_BASE_URL'], given);
    expect(ran.stdout).toBe(`OLLAMA_BASE_URL=${inContainer}\n`);
  });

  it('goes by the gateway where the name is not known there, and says what it tried', async () => {
    const given = hostWith({ request: ollamaAt('http://172.17.0.1:11434') });
    const ran = await runWith(['url', '--from', 'web', '--json'], given);
    expect(ran.exitCode).toBe(0);
    expect(JSON.parse(ran.stdout)).toEqual({
      schemaVersion: 1,
      tool: expect.objectContaining({ name: 'ollama-doctor' }),
      from: 'container:web',
      url: 'http://172.17.0.1:11434',
      tried: [
        { url: inContainer, works: false, outcome: 'name-not-found', detail: 'name: not known there' },
        {
          url: 'http://172.17.0.1:11434',
          works: true,
          outcome: 'ok',
          detail: 'Ollama 0.32.15 answers, 0 models',
        },
      ],
    });
  });

  it('does not take what works here for what works there', async () => {
    const ran = await runWith(['url', local, '--from', 'web'], hostWith({}, ollamaAt(local)));
    expect([ran.exitCode, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain(`${local} does not work from web\n  ${local}  connection: refused`);
    expect(ran.stderr).toContain('`ollama-doctor url --from web` looks for one that does');
  });

  it('is loopback in a container on the host’s network', async () => {
    const given = hostWith(
      { request: ollamaAt(local) },
      {},
      inspected(
        { Config: { Image: 'app:1', Env: [] }, NetworkSettings: { Networks: { host: {} } } },
        { NetworkMode: 'host' },
      ),
    );
    expect((await runWith(['url', '--from', 'web'], given)).stdout).toBe(`${local}\n`);
  });

  it('says that a stopped container cannot be asked', async () => {
    const stopped = inspected({ State: { Status: 'exited' } });
    const ran = await runWith(['url', '--from', 'web', '--json'], hostWith({}, {}, stopped));
    expect(ran.exitCode).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ url: null, tried: [] });
    expect(ran.stderr).toContain('the container is exited');
  });

  it('asks which one is meant where two engines have a container of that name', async () => {
    const given = hostWith({});
    const other = '/run/podman/podman.sock';
    const podman = { ...inspected(), Id: id.replace('c0ffee', 'beef00') };
    const request = {
      ...given.machine?.request,
      [`${other} /version`]: ok(engineAnswer('podman-5.4', 'version')),
      [`${other} /info`]: ok(engineAnswer('podman-5.4', 'info')),
      [`${other} /containers/json?all=1`]: ok([{ Id: podman.Id, Names: ['/web'], State: 'running' }]),
      [`${other} /containers/json?all=true`]: ok([{ Id: podman.Id, Names: ['/web'], State: 'running' }]),
      [`${other} /containers/${podman.Id}/json`]: ok(podman),
    };
    const machine = { ...given.machine, request, files: { [other]: '' } };
    const ran = await runWith(['url', '--from', 'web'], { machine });
    expect([ran.exitCode, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toMatch(/web is a container of docker .* and podman .*--runtime/u);
  });

  it('says that no engine answers, and does not call it a wrong name', async () => {
    const ran = await runWith(['url', '--from', 'web']);
    expect([ran.exitCode, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain('no URL works from web: no container engine answers');
  });

  it('has every way of the recorded incident end, and prints nothing', async () => {
    const replays = { incident: await openReplay(incident) };
    const ran = await runWith(['url', '--from', 'archon-server', '--replay', 'incident'], { replays });
    expect([ran.exitCode, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toContain(`${inContainer}  connection: timed out at 172.17.0.1:11434`);
    expect(ran.stderr).toContain('http://172.17.0.1:11434  connection: timed out');
    expect(ran.stderr).toContain('`ollama-doctor --container archon-server` says why');
    const here = await runWith(['url', '--replay', 'incident'], { replays });
    expect([here.exitCode, here.stdout]).toEqual([0, `${local}\n`]);
  });
});

describe('url, typed wrongly', () => {
  it.each([
    ['no URL', ['url', 'ftp://x'], "url takes an http URL, not 'ftp://x'"],
    ['no variable', ['url', '--env', 'A-B'], "--env takes the name of a variable, not 'A-B'"],
    ['an injected variable', ['url', '--env', 'A=1;B'], '--env takes the name of a variable'],
    ['two URLs', ['url', 'a', 'b'], 'too many arguments'],
    ['an unknown container', ['url', '--from', 'wep'], 'no container is called wep; did you mean web?'],
    ['an empty name', ['url', '--from', ''], '--from needs a value'],
  ])('refuses %s', async (_, words, message) => {
    const ran = await runWith(words, hostWith({}));
    expect([ran.exitCode, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr).toContain(message);
  });

  it('refuses two forms of the result', async () => {
    const ran = await runWith(['url', '--env', 'A', '--json']);
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toContain('--json and --env contradict each other');
  });

  it('is told as one document with --json', async () => {
    const ran = await runWith(['url', '--from', 'wep', '--json'], hostWith({}));
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'usage', hint: 'did you mean web?' } });
  });
});
