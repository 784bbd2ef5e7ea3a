import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Container } from '../../src/facts/containers.ts';
import type { HttpRequest } from '../../src/machine/machine.ts';
import { simulate } from '../../src/machine/simulated.ts';
import type { SimulationScript } from '../../src/machine/simulated.ts';
import { splitStreams } from '../../src/runtimes/docker/stream.ts';
import { insideContainer } from '../../src/runtimes/index.ts';
import { helperOptions, readImages } from '../../src/runtimes/inside/helper-container.ts';
import { addressesInHosts, nameServers } from '../../src/runtimes/inside/hosts-file.ts';
import { requestJob } from '../../src/runtimes/inside/jobs.ts';
import { parseAnswer, requestText } from '../../src/runtimes/inside/raw-http.ts';
import { isStopped, standInPlace } from '../../src/runtimes/inside/stand-in.ts';
import { firstFile } from '../../src/runtimes/inside/tar.ts';

const id = 'abc123def456';
const web: Container = {
  runtime: 'docker',
  endpoint: 'unix:///d.sock',
  product: 'docker-engine',
  id,
  name: 'web',
  image: 'app:1',
  state: 'running',
  pid: 77,
  networkMode: 'bridge',
  networks: [],
  extraHosts: ['host.docker.internal:host-gateway'],
  env: { HTTP_PROXY: 'http://proxy:3128' },
  argumentsWithUrl: [],
  servesOllama: false,
  ports: [],
};

/** A frame of Docker's multiplexed stream. */
const frame = (stream: 1 | 2, text: string): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};
const output = (stderr: string, stdout = '') => ({
  status: 200,
  body: Buffer.concat([frame(2, stderr), frame(1, stdout)]).toString('base64'),
});
const noShell = {
  status: 400,
  body: Buffer.from(
    '{"message":"OCI runtime exec failed: exec: \\"sh\\": executable file not found in $PATH: unknown"}',
  ).toString('base64'),
};
const tarOf = (text: string): string => {
  const header = Buffer.alloc(512);
  header.write('hosts', 0);
  header.write(`${Buffer.byteLength(text).toString(8).padStart(11, '0')}\0`, 124);
  header.write('0', 156);
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
  body.write(text);
  return Buffer.concat([header, body, Buffer.alloc(1024)]).toString('base64');
};
const hosts = '127.0.0.1\tlocalhost\n172.17.0.1\thost.docker.internal # added\n172.18.0.2\tabc123def456\n';
const archive = (path: string): string =>
  `GET /d.sock /containers/${id}/archive?path=${encodeURIComponent(path)}`;

const world = (request: SimulationScript['request'], more: SimulationScript = {}) => {
  const machine = simulate({
    ...more,
    request: {
      [`POST /d.sock /containers/${id}/exec`]: { status: 201, body: { Id: 'e1' } },
      [archive('/etc/hosts')]: { status: 200, body: tarOf(hosts) },
      [archive('/etc/resolv.conf')]: { status: 200, body: tarOf('nameserver 127.0.0.11\n') },
      ...request,
    },
  });
  return { machine, inside: insideContainer(machine, web) };
};
const url = 'http://host.docker.internal:11434/api/version';

describe('through exec', () => {
  const answered = output(
    'prober python3\naddresses 172.17.0.1\nconnected 172.17.0.1 2\nend 60\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}',
  );

  test('one exec finds the tool, connects and asks; the answer says how in words', async () => {
    const { machine, inside } = world({ 'POST /d.sock /exec/e1/start': answered });
    expect(await inside.request({ url })).toMatchObject({
      outcome: 'answered',
      status: 200,
      body: '{}',
      address: '172.17.0.1',
      via: 'docker exec web python3',
    });
    expect(machine.asked.filter((question) => question.includes('/exec'))).toHaveLength(2);
  });

  test('the name it resolved on the way is known without another look', async () => {
    const { machine, inside } = world({ 'POST /d.sock /exec/e1/start': answered });
    await inside.request({ url });
    const before = machine.asked.length;
    expect(await inside.resolve({ name: 'host.docker.internal' })).toEqual({
      outcome: 'resolved',
      addresses: ['172.17.0.1'],
      via: 'docker exec web python3',
    });
    expect(machine.asked).toHaveLength(before);
  });

  test('a dropped connection is a timeout at that address', async () => {
    const { inside } = world({
      'POST /d.sock /exec/e1/start': output(
        'prober perl\naddresses 172.17.0.1\nfailed 172.17.0.1 ETIMEDOUT 3500\n',
      ),
    });
    expect(await inside.connect({ host: 'host.docker.internal', port: 11_434 })).toEqual({
      outcome: 'timeout',
      detail: 'no answer within 3500 ms',
      address: '172.17.0.1',
      elapsedMs: 3500,
      via: 'docker exec web perl',
    });
  });

  test('a tool that crashes is left out the next time', async () => {
    const seen: string[][] = [];
    const { inside } = world({
      [`POST /d.sock /containers/${id}/exec`]: (request: HttpRequest) => {
        seen.push((JSON.parse(request.body ?? '{}') as { Cmd: string[] }).Cmd);
        return { status: 201, body: { Id: 'e1' } };
      },
      'POST /d.sock /exec/e1/start': [output('prober python3\nSegmentation fault\n'), answered],
    });
    expect(await inside.request({ url })).toMatchObject({ outcome: 'answered' });
    expect(seen.map((argv) => argv[4]?.split(' ').includes('python3'))).toEqual([false, true]);
  });

  test('nothing of the request is put into the shell’s text', async () => {
    const seen: string[][] = [];
    const { inside } = world({
      [`POST /d.sock /containers/${id}/exec`]: (request: HttpRequest) => {
        seen.push((JSON.parse(request.body ?? '{}') as { Cmd: string[] }).Cmd);
        return { status: 201, body: { Id: 'e1' } };
      },
      'POST /d.sock /exec/e1/start': answered,
    });
    await inside.request({ url: 'http://$(reboot):11434/`x`', headers: { 'x-a': '$(y)' } });
    await inside.request({ url });
    expect(seen.map((argv) => argv[2]).filter((text) => /reboot|\$\(y\)|`x`/u.test(text ?? ''))).toEqual([]);
    expect(seen.at(-1)?.[2]).toBe(seen[0]?.[2]);
  });

  test('a container that stops in between is unavailable, not refused', async () => {
    const { machine, inside } = world({
      [`POST /d.sock /containers/${id}/exec`]: {
        status: 409,
        body: { message: `Container ${id} is not running` },
      },
    });
    expect(await inside.request({ url })).toMatchObject({
      outcome: 'unavailable',
      detail: expect.stringMatching(/stopped in between/u) as unknown,
    });
    expect(machine.asked).toHaveLength(1);
  });

  test('a prober that was cut off half-way is no finding', async () => {
    const { inside } = world({
      [`POST /d.sock /containers/${id}/exec`]: [
        { status: 201, body: { Id: 'e1' } },
        { status: 409, body: { message: `Container ${id} is not running` } },
      ],
      'POST /d.sock /exec/e1/start': output('prober python3\naddresses 172.17.0.1\nconnected 172.17.0.1 2\n'),
    });
    expect(await inside.request({ url })).toMatchObject({
      outcome: 'unavailable',
      detail: 'the container stopped in between',
    });
  });

  test.each(['none', 'container:abc', ''])(
    'one that is not running, on the network %j, is not touched at all',
    async (networkMode) => {
      const machine = simulate({});
      const inside = insideContainer(machine, { ...web, state: 'exited', networkMode });
      expect(await inside.request({ url })).toMatchObject({
        outcome: 'unavailable',
        detail: 'the container has exited, and its network cannot be joined without it',
      });
      expect(machine.asked).toEqual([]);
    },
  );

  test.each([
    ['bridge', 'bridge', web.extraHosts],
    ['app_default', 'app_default', web.extraHosts],
    ['host', 'host', []],
  ])('one that is not running has a stand-in on %s', (networkMode, network, extraHosts) => {
    const down = { ...web, state: 'restarting', networkMode } as const;
    expect(standInPlace(down)).toEqual({ network, extraHosts });
    expect(isStopped(down)).toBe(true);
    expect(isStopped({ ...web, state: 'paused' })).toBe(false);
  });

  test('run gives output and exit code; a program that is not there is not found', async () => {
    const { inside } = world({
      'POST /d.sock /exec/e1/start': [output('oops\n', 'hi\n'), noShell],
      'GET /d.sock /exec/e1/json': { status: 200, body: { ExitCode: 3 } },
    });
    expect(await inside.run({ argv: ['x'] })).toEqual({
      outcome: 'exited',
      exitCode: 3,
      stdout: 'hi\n',
      stderr: 'oops\n',
      truncated: false,
    });
    expect(await inside.run({ argv: ['nope'] })).toEqual({ outcome: 'not-found' });
  });
});

describe('an image with no shell and no tool', () => {
  const emptyImage = { 'POST /d.sock /exec/e1/start': noShell };
  const mounts = {
    [`/proc/77/mountinfo`]: `1 2 0:1 /var/lib/docker/containers/${id}/hosts /etc/hosts rw - ext4 x rw\n`,
  };

  test('as root, its network is entered from the host, with the address from its own hosts file', async () => {
    const argvs: string[][] = [];
    const { inside } = world(emptyImage, {
      identity: { elevated: true, uid: 0, platform: 'linux' },
      files: mounts,
      run: (request) => {
        argvs.push([...request.argv]);
        return { stdout: '', stderr: 'addresses 172.17.0.1\nfailed 172.17.0.1 ECONNREFUSED 1\n' };
      },
    });
    expect(await inside.request({ url })).toMatchObject({
      outcome: 'refused',
      address: '172.17.0.1',
      via: 'nsenter into web’s network',
    });
    expect(argvs[0]?.slice(0, 5)).toEqual(['nsenter', '-t', '77', '-n', '--']);
    expect(argvs[0]).toContain('172.17.0.1');
    expect(argvs[0]).not.toContain('host.docker.internal');
  });

  test('a name that is not in its hosts file is asked of its own name servers', async () => {
    const argvs: string[][] = [];
    const { inside } = world(emptyImage, {
      identity: { elevated: true, uid: 0, platform: 'linux' },
      files: mounts,
      run: (request) => {
        argvs.push([...request.argv]);
        return { stderr: 'lookup ENOTFOUND\n' };
      },
    });
    expect(await inside.request({ url: 'http://ollama:11434/' })).toMatchObject({
      outcome: 'name-not-found',
    });
    expect(argvs[0]?.at(-1)).toBe('127.0.0.11');
  });

  test('a process that is not the container’s (any more) is not entered', async () => {
    const { machine, inside } = world(
      { ...emptyImage, 'GET /d.sock /images/json': { status: 200, body: [] } },
      {
        identity: { elevated: true, uid: 0, platform: 'linux' },
        files: { '/proc/77/cgroup': '0::/user.slice\n' },
      },
    );
    expect(await inside.request({ url })).toMatchObject({
      outcome: 'unavailable',
      detail: expect.stringMatching(/process 77 is not the container’s/u) as unknown,
    });
    expect(machine.asked.filter((question) => question.startsWith('run nsenter'))).toEqual([]);
  });

  test('without root, a helper from an image that is here, in its network, removed again', async () => {
    const { machine, inside } = world(
      {
        ...emptyImage,
        '/d.sock /containers/json?all=1&filters=%7B%22label%22%3A%5B%22ollama-doctor%3Dprobe%22%5D%7D': {
          status: 200,
          body: [{ Id: 'left' }],
        },
        'DELETE /d.sock /containers/left?force=true&v=true': { status: 204 },
        'GET /d.sock /images/json': {
          status: 200,
          body: [
            { RepoTags: ['app:1'], Size: 9e7 },
            { RepoTags: ['python:3'], Size: 9e8 },
          ],
        },
        'POST /d.sock /containers/h1/attach?logs=1&stream=1&stdout=1&stderr=1': output(
          'prober python3\naddresses 172.17.0.1\nfailed 172.17.0.1 EHOSTUNREACH 1\n',
        ),
        'POST /d.sock /containers/h1/start': { status: 204 },
        'DELETE /d.sock /containers/h1?force=true&v=true': { status: 204 },
      },
      {
        identity: { elevated: false, uid: 1000, platform: 'linux' },
        request: {},
      },
    );
    // Its name is made up, so the creation is matched by hand.
    const ask = machine.request.bind(machine);
    const bodies: unknown[] = [];
    const outside = {
      ...machine,
      request: async (asked: HttpRequest) => {
        if (!asked.url.includes('/containers/create?')) return ask(asked);
        bodies.push(JSON.parse(asked.body ?? 'null'));
        const made = { outcome: 'answered', status: 201, headers: {}, body: '{"Id":"h1"}' } as const;
        return { ...made, bodyTruncated: false, elapsedMs: 1 };
      },
    };
    expect(inside.vantage).toBe('container:web');
    expect(await insideContainer(outside, web).request({ url })).toMatchObject({
      outcome: 'host-unreachable',
      address: '172.17.0.1',
      via: 'a helper container (python:3) in web’s network',
    });
    expect(bodies).toMatchObject([{ Image: 'python:3', HostConfig: { NetworkMode: `container:${id}` } }]);
    expect(
      machine.asked
        .filter((question) => question.startsWith('DELETE'))
        .map((line) => /containers\/(\w+)/u.exec(line)?.[1]),
    ).toEqual(['left', 'h1']);
  });

  test('the helper has no capability, no volume and no restart, and carries our label', () => {
    const options = helperOptions({ networkOf: web }, 'app:1', ['sh', '-c', 'x']);
    expect(options).toMatchObject({
      Labels: { 'ollama-doctor': 'probe' },
      HostConfig: {
        AutoRemove: true,
        CapDrop: ['ALL'],
        ReadonlyRootfs: true,
        RestartPolicy: { Name: 'no' },
        SecurityOpt: ['no-new-privileges'],
      },
    });
    expect(JSON.stringify(options)).not.toMatch(/Binds|Mounts|Volumes|Privileged/u);
  });

  test('images whose names promise a tool come first, single programs last', () => {
    const images = [
      { RepoTags: ['tiny:1'], Size: 1000 },
      { RepoTags: ['big:1'], Size: 2e9 },
      { RepoTags: null, Size: 5 },
      { RepoTags: ['<none>:<none>'], Size: 5 },
      { RepoTags: ['app:1'], Size: 9e7 },
      { RepoTags: ['library/python:3'], Size: 9e8 },
    ];
    expect(readImages(images)).toEqual(['library/python:3', 'app:1', 'big:1', 'tiny:1']);
  });
});

describe('the pieces', () => {
  test('a hosts file, with comments, tabs and several names', () => {
    expect(addressesInHosts(hosts, 'HOST.docker.internal')).toEqual(['172.17.0.1']);
    expect(addressesInHosts('#1.1.1.1 x\n2.2.2.2 y x\n::1 x\n', 'x')).toEqual(['2.2.2.2', '::1']);
    expect(addressesInHosts(hosts, 'added')).toEqual([]);
    expect(nameServers('# x\nnameserver 127.0.0.11\noptions ndots:0\n nameserver fd00::1\n')).toEqual([
      '127.0.0.11',
      'fd00::1',
    ]);
  });

  test('streams of an exec are told apart, and an engine’s plain words are output', () => {
    const both = splitStreams(Buffer.concat([frame(1, 'a'), frame(2, 'b'), frame(1, 'c')]));
    expect([both.stdout.toString(), both.stderr.toString()]).toEqual(['ac', 'b']);
    expect(splitStreams(Buffer.from('OCI runtime exec failed')).stdout.toString()).toBe(
      'OCI runtime exec failed',
    );
  });

  test('a request is built as HTTP/1.1, and no header can break out of its line', () => {
    const text = requestText(
      { url, method: 'POST', body: 'é', headers: { Host: 'localhost', evil: 'a\r\nx: y' } },
      new URL(url),
    );
    expect(text).toBe(
      'POST /api/version HTTP/1.1\r\nAccept: */*\r\nHost: localhost\r\nContent-Length: 2\r\nConnection: close\r\n\r\né',
    );
    expect(requestJob({ url, proxy: 'http://proxy:3128' })).toMatchObject({
      host: 'proxy',
      port: 3128,
      payload: expect.stringMatching(
        /^GET http:\/\/host\.docker\.internal:11434\/api\/version HTTP/u,
      ) as unknown,
    });
    expect(requestJob({ url: 'ftp://x' })).toHaveProperty('unusable');
  });

  test('an answer: repeated headers, 100 Continue, chunks, and one that was cut off', () => {
    const parse = (text: string) => {
      const answer = parseAnswer(Buffer.from(text));
      return answer && { ...answer, body: answer.body.toString() };
    };
    expect(parse('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\n\r\nhi')).toEqual({
      status: 200,
      headers: { a: '1, 2' },
      body: 'hi',
      complete: true,
    });
    expect(parse('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')).toMatchObject({
      body: 'abc',
      complete: false,
    });
    expect(parse('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc')).toMatchObject({ complete: false });
    expect(parse('SSH-2.0-x\r\n\r\n')).toBeUndefined();
  });

  test('garbage of every kind gives undefined or an answer, never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.string(), (bytes, text) => {
        const buffer = Buffer.from(bytes);
        expect(['string', 'undefined']).toContain(typeof firstFile(buffer));
        expect(splitStreams(buffer).stdout).toBeInstanceOf(Buffer);
        const head = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        expect(parseAnswer(Buffer.concat([head, buffer]))?.status).toBe(200);
        expect(addressesInHosts(text, 'x')).toBeInstanceOf(Array);
      }),
    );
  });
});
