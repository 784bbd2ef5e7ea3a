import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContainer, readContainerList } from '../../src/runtimes/containers/read.ts';
import { redactAnswer } from '../../src/machine/redaction/http.ts';

/** What must never be in a recording. Letters only, so that no rule can trip over it by its form. */
const secret = 'HUNTERTWO';

const engine = {
  runtime: 'docker',
  endpoint: 'unix:///var/run/docker.sock',
  product: 'docker-engine',
} as const;

/** `docker inspect` of a compose service, with a secret in every place that could hold one. */
const inspected = {
  Id: '4f2a9b',
  Name: '/archon-server',
  Path: 'python3',
  Args: ['app.py', '--token', secret, '--ollama-url', `http://bob:${secret}@host.docker.internal:11434`],
  Image: 'sha256:abc',
  State: { Status: 'running', Running: true, Pid: 4242, Health: { Log: [{ Output: secret }] } },
  Config: {
    Hostname: '4f2a9b',
    Image: 'archon-server:1',
    Env: [
      'OLLAMA_URL=http://host.docker.internal:11434',
      `OPENAI_API_KEY=${secret}`,
      `OLLAMA_API_KEY=${secret}`,
      `DATABASE_URL=postgres://u:${secret}@db/x`,
      `HTTP_PROXY=http://anna:${secret}@proxy:3128`,
      'NO_PROXY=localhost',
      `EXTRA={"token":"${secret}","base":"http://host.docker.internal:11434/v1"}`,
    ],
    Cmd: [secret],
    Entrypoint: [secret],
    Labels: {
      'com.docker.compose.project': 'archon',
      'com.docker.compose.service': 'server',
      'com.docker.compose.project.config_files': '/srv/archon/compose.yml',
      'com.docker.compose.project.working_dir': '/srv/archon',
      'traefik.basicauth': secret,
    },
  },
  HostConfig: {
    NetworkMode: 'archon_default',
    ExtraHosts: ['host.docker.internal:host-gateway'],
    Binds: [secret],
  },
  NetworkSettings: {
    Networks: {
      archon_default: {
        NetworkID: 'aa',
        IPAddress: '172.18.0.2',
        Gateway: '172.18.0.1',
        Aliases: ['server'],
      },
    },
    Ports: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] },
  },
  Mounts: [{ Source: secret }],
};

function answered(body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    outcome: 'answered',
    status: 200,
    headers,
    body: text,
    bodyTruncated: false,
    elapsedMs: 1,
  } as const;
}

function viaDocker(path: string, body: unknown): string {
  return redactAnswer({ url: `http://docker${path}`, socketPath: '/var/run/docker.sock' }, answered(body))
    .body;
}

describe('what a container engine says', () => {
  it('loses every secret, and gives the doctor the same container', () => {
    const kept = viaDocker('/containers/4f2a9b/json', inspected);
    expect(kept).not.toContain(secret);
    const before = readContainer(inspected, engine, []);
    expect(before?.env).toHaveProperty('OLLAMA_URL');
    expect(readContainer(JSON.parse(kept), engine, [])).toEqual(before);
  });

  it('still tells a server from a client by its command', () => {
    const commands: { Image: string; Path: string; Args: string[] }[] = [
      { Image: 'ollama/ollama', Path: '/bin/ollama', Args: ['serve'] },
      { Image: 'ollama/ollama:0.5', Path: '/bin/ollama', Args: [] },
      { Image: 'ollama/ollama', Path: '/bin/sh', Args: ['-c', `ollama pull llama3 && echo ${secret}`] },
      { Image: 'ollama/ollama', Path: 'curl', Args: [`http://ollama:11434/api/tags?k=${secret}`] },
      { Image: 'mine', Path: '/bin/bash', Args: ['-c', `TOKEN=${secret} ollama serve & wait`] },
      { Image: 'mine', Path: 'app', Args: ['--base-url=http://ollama:11434/v1'] },
    ];
    for (const { Image, Path, Args } of commands) {
      const answer = { ...inspected, Path, Args, Config: { ...inspected.Config, Image } };
      const kept = viaDocker('/v1.45/containers/4f2a9b/json', answer);
      expect(kept).not.toContain(secret);
      expect(readContainer(JSON.parse(kept), engine, [])).toEqual(readContainer(answer, engine, []));
    }
  });

  it('lists containers without their other labels and commands', () => {
    const listed = [
      { Id: 'a', Names: ['/web'], Image: 'web', State: 'running', Command: secret, Labels: { x: secret } },
    ];
    const kept = viaDocker('/containers/json?all=1', listed);
    expect(kept).not.toContain(secret);
    expect(readContainerList(JSON.parse(kept))).toEqual(readContainerList(listed));
  });

  it('keeps an error’s words, and nothing of an answer that is not read', () => {
    const asked = { url: 'http://docker/containers/x/json', socketPath: '/s' };
    const gone = { ...answered({ message: 'No such container: x', detail: secret }), status: 404 };
    expect(JSON.parse(redactAnswer(asked, gone).body)).toEqual({ message: 'No such container: x' });
    expect(viaDocker('/containers/x/archive?path=/etc/shadow', secret)).toBe('');
    expect(viaDocker('/info', { Name: 'lab', HttpProxy: secret, Labels: [`a=${secret}`] })).toBe(
      '{"Name":"lab","Labels":[]}',
    );
  });

  it('stays garbage where it is garbage', () => {
    expect(viaDocker('/version', 'hello')).toBe('hello');
    expect(viaDocker('/_ping', 'OK')).toBe('OK');
    expect(viaDocker('/containers/json', `[{"Id": "${secret}`)).toBe('');
    const overTcp = { url: 'http://10.0.0.1:2375/v1.45/containers/a/archive?path=/x' };
    expect(redactAnswer(overTcp, answered(secret)).body).toBe('');
  });

  it('never keeps what stands under a name that is not read', () => {
    const hidden = fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{3,9}Secret$/), fc.constant(secret));
    const env = fc.array(
      fc.stringMatching(/^[A-Z]{1,8}_(?:KEY|TOKEN|PW)$/).map((name) => `${name}=${secret}`),
    );
    fc.assert(
      fc.property(hidden, hidden, hidden, env, (top, config, hostConfig, variables) => {
        const answer = {
          ...inspected,
          ...top,
          Config: { ...inspected.Config, ...config, Env: variables, Labels: config },
          HostConfig: { ...inspected.HostConfig, ...hostConfig },
        };
        expect(viaDocker('/containers/a/json', answer)).not.toContain(secret);
        expect(viaDocker('/containers/json', [{ ...answer, State: 'running' }])).not.toContain(secret);
        expect(viaDocker('/info', top)).not.toContain(secret);
        expect(
          viaDocker('/networks', [{ Name: 'n', ...top, Labels: config, Options: hostConfig }]),
        ).not.toContain(secret);
      }),
    );
  });

  it('is redacted in the form it was asked in', () => {
    const asked = { url: 'http://docker/containers/a/json', socketPath: '/s', bodyAs: 'base64' } as const;
    const answer = answered(Buffer.from(JSON.stringify(inspected)).toString('base64'));
    const kept = Buffer.from(redactAnswer(asked, answer).body, 'base64').toString();
    expect(JSON.parse(kept)).toMatchObject({ Id: '4f2a9b' });
    expect(kept).not.toContain(secret);
  });
});

describe('what HTTP servers say', () => {
  it('keeps who answered and loses cookies', () => {
    const headers = {
      server: 'nginx',
      'set-cookie': secret,
      'x-token': secret,
      location: `/login?next=${secret}`,
    };
    const kept = redactAnswer({ url: 'http://h:11434/' }, answered('<html>', headers));
    expect(kept.headers).toEqual({ server: 'nginx', location: '/login' });
  });

  it('keeps Ollama’s model list whole, and of a long page only its beginning', () => {
    const tags = { models: [{ name: 'llama3:latest', size: 1 }] };
    expect(redactAnswer({ url: 'http://h:11434/api/tags' }, answered(tags)).body).toBe(JSON.stringify(tags));
    const page = `<title>Sign in</title>${'x'.repeat(10_000)}${secret}`;
    const kept = redactAnswer({ url: 'http://h:11434/api/tags' }, answered(page)).body;
    expect(kept).toContain('<title>Sign in</title>');
    expect(kept).not.toContain(secret);
  });

  it('keeps no prompt of a model', () => {
    const shown = { system: secret, modelfile: secret, template: secret, capabilities: ['completion'] };
    const asked = { method: 'POST', url: 'http://h:11434/api/show' } as const;
    expect(redactAnswer(asked, answered(shown)).body).toBe('{"capabilities":["completion"]}');
  });
});
