import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContainer, readContainerList } from '../../src/runtimes/containers/read.ts';
import { readServerLog } from '../../src/ollama/server-log.ts';
import { parseEnvironmentFile } from '../../src/platforms/linux/systemd/environment-file.ts';
import { parseUnitFile } from '../../src/platforms/linux/systemd/unit-file.ts';
import { redactFile } from '../../src/machine/redaction/files.ts';
import { redactAnswer } from '../../src/machine/redaction/http.ts';
import { redactIdentity } from '../../src/machine/redaction/identity.ts';
import { redactComplaint, redactOutput } from '../../src/machine/redaction/output.ts';
import { cutCredentials } from '../../src/machine/redaction/urls.ts';
import { record } from '../../src/machine/recording.ts';
import { simulate, simulatedIdentity } from '../../src/machine/simulated.ts';

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

describe('files', () => {
  it('of a unit keep their lines, structure and what is said of Ollama', () => {
    const unit = [
      '[Unit]',
      'Description=Ollama Service',
      `# PASSWORD=${secret}`,
      '[Service]',
      `ExecStart=/usr/local/bin/ollama serve --token ${secret}`,
      'Environment="OLLAMA_HOST=127.0.0.1:11434"',
      `Environment="PATH=/usr/bin" API_KEY=${secret} 'HF_TOKEN=a ${secret}' OLLAMA_ORIGINS=*`,
      'Environment="OLLAMA_MODELS=/m" \\',
      `  "AWS=${secret} \\`,
      `  ${secret}"`,
      `Environment=OLLAMA_API_KEY=${secret}`,
      `LoadCredential=x:${secret}`,
      'Environment=“OLLAMA_HOST=0.0.0.0”',
      'OLLAMA_HOST=0.0.0.0',
      'EnvironmentFile=-/etc/ollama.env',
      secret,
    ].join('\n');
    const kept = redactFile('/etc/systemd/system/ollama.service', unit);
    expect(kept).not.toContain(secret);
    expect(kept.split('\n')).toHaveLength(unit.split('\n').length);
    const about = (text: string): unknown[] =>
      parseUnitFile(text)
        .filter((line) => line.text.includes('OLLAMA_HOST') || line.key === 'EnvironmentFile')
        .map(({ line, text: shown, section, key }) => ({ line, shown, section, key }));
    expect(about(kept)).toEqual(about(unit));
    expect(about(kept)).toHaveLength(4);
    expect(kept).toContain('ExecStart=/usr/local/bin/ollama serve\n');
    expect(kept).toContain('OLLAMA_ORIGINS=*');
  });

  it('of variables keep those the doctor reads, at their lines', () => {
    const text = [
      `# TOKEN=${secret}`,
      'OLLAMA_HOST=0.0.0.0:8080',
      `DB="line ${secret}`,
      `${secret} = more`,
      'OLLAMA_HOST=inside"',
      `export KEY=${secret}`,
      `LONG=a\\`,
      secret,
      `HTTPS_PROXY=http://u:${secret}@p:1`,
      'OLLAMA_ORIGINS=*',
      `OLLAMA_TOKEN=${secret}`,
    ].join('\n');
    for (const path of ['/etc/sysconfig/ollama', '/etc/default/ollama', '/opt/x/.env']) {
      const kept = redactFile(path, text);
      expect(kept).not.toContain(secret);
      const ollama = parseEnvironmentFile(kept).filter(({ key }) => /^OLLAMA_(?:HOST|ORIGINS)$/.test(key));
      const before = parseEnvironmentFile(text).filter(({ key }) => /^OLLAMA_(?:HOST|ORIGINS)$/.test(key));
      expect(ollama).toEqual(before);
      expect(ollama.map(({ line }) => line)).toEqual([2, 10]);
    }
  });

  it('of processes keep what the doctor reads', () => {
    const environment = `PATH=/bin\0OLLAMA_HOST=0.0.0.0\0AWS_KEY=${secret}\0https_proxy=http://a:${secret}@p\0`;
    expect(redactFile('/proc/77/environ', environment)).toBe('OLLAMA_HOST=0.0.0.0\0https_proxy=http://p\0');
    expect(redactFile('/proc/77/cmdline', `/usr/bin/ollama\0serve\0--k\0${secret}\0`)).toBe(
      '/usr/bin/ollama\0serve\0',
    );
    const script = `/usr/bin/python3\0/usr/local/bin/ollama\0serve\0`;
    expect(redactFile('/proc/77/cmdline', script)).toBe(script);
    expect(redactFile('/proc/77/cmdline', `app\0--token\0${secret}\0serve\0`)).toBe('app\0');
    expect(redactFile('/proc/77/cmdline', '')).toBe('');
  });

  it('of Docker’s CLI keep where it points', () => {
    const config = { auths: { 'https://index.docker.io/v1/': { auth: secret } }, currentContext: 'colima' };
    expect(redactFile('/root/.docker/config.json', JSON.stringify(config))).toBe(
      '{"currentContext":"colima"}',
    );
    expect(redactFile('/root/.docker/config.json', `{"auths": ${secret}`)).toBe('');
    const meta = {
      Name: 'x',
      Metadata: { t: secret },
      Endpoints: { docker: { Host: 'unix:///x.sock', TLS: secret } },
    };
    expect(JSON.parse(redactFile('/root/.docker/contexts/meta/ab/meta.json', JSON.stringify(meta)))).toEqual({
      Name: 'x',
      Endpoints: { docker: { Host: 'unix:///x.sock' } },
    });
  });

  it('about the network stay as they are', () => {
    const rules = '*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m comment --comment "a=b" -j DROP\nCOMMIT\n';
    for (const path of [
      '/etc/iptables/rules.v4',
      '/etc/sysconfig/iptables',
      '/proc/net/tcp',
      '/etc/hosts',
      '/etc/ufw/user.rules',
      '/etc/nftables.conf',
      '/etc/default/ufw',
    ]) {
      expect({ path, text: redactFile(path, rules) }).toEqual({ path, text: rules });
    }
  });

  it('never keep a secret value, whatever the file and the name', () => {
    const name = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,12}$/).filter((one) => !/^OLLAMA|_?PROXY$/.test(one));
    const value = fc
      .tuple(fc.stringMatching(/^[a-z ="'\\:/@{}]{0,8}$/), fc.stringMatching(/^[a-z ="'\\:/@{}\n]{0,8}$/))
      .map(([before, after]) => ({ before, after }));
    const path = fc.constantFrom(
      '/etc/default/x',
      '/etc/systemd/system/x.service',
      '/etc/systemd/system/x.service.d/a.conf',
      '/opt/.env',
    );
    fc.assert(
      fc.property(path, name, value, fc.boolean(), (file, variable, { before, after }, inUnit) => {
        const line = `${inUnit ? 'Environment=' : ''}${variable}=${before}${secret}${after}`;
        expect(redactFile(file, `[Service]\n${line}\n`)).not.toContain(secret);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('output of programs', () => {
  it('of systemctl show keeps properties, and of environments and commands what is read', () => {
    const shown = [
      'Id=ollama.service',
      `Environment=PATH=/bin OLLAMA_HOST=127.0.0.1 "KEY=${secret} x" OLLAMA_API_KEY=${secret}`,
      `ExecStart={ path=/usr/bin/ollama ; argv[]=/usr/bin/ollama serve --k ${secret} ; ignore_errors=no ; start_time=[n/a] }`,
      'DropInPaths=/etc/systemd/system/ollama.service.d/override.conf',
      '',
      'Id=ollama.socket',
    ].join('\n');
    const kept = redactOutput(['systemctl', 'show', 'ollama', '--property=Environment'], shown);
    expect(kept).not.toContain(secret);
    expect(kept).toContain('OLLAMA_HOST=127.0.0.1');
    expect(kept).toContain('argv[]=/usr/bin/ollama serve ; ignore_errors=no');
    expect(kept.split('\n')).toHaveLength(6);
    expect(redactOutput(['systemctl', 'cat', 'x'], `[Service]\nEnvironment=A=${secret}\n`)).not.toContain(
      secret,
    );
  });

  it('of a log keeps what the doctor understands, and it understands the same', () => {
    const log = [
      `[GIN] 2026/11/21 - 10:00:00 | 200 | GET "/api/chat?key=${secret}"`,
      `time=x level=INFO source=routes.go:1 msg="server config" env="map[HTTPS_PROXY:http://u:${secret}@p OLLAMA_HOST:http://127.0.0.1:11434 OLLAMA_API_KEY:${secret} OLLAMA_ORIGINS:[http://a http://b] HF:${secret}]"`,
      'time=x level=INFO msg="Listening on 127.0.0.1:11434 (version 0.32.15)"',
      `prompt: ${secret}`,
      'Error: listen tcp 127.0.0.1:11434: bind: address already in use',
    ].join('\n');
    const kept = redactOutput(['journalctl', '-u', 'ollama', '-o', 'cat'], log);
    expect(kept).not.toContain(secret);
    expect(readServerLog(kept)).toEqual(readServerLog(log));
    expect(readServerLog(kept).failure?.kind).toBe('port-in-use');
    expect(redactFile('/home/a/.ollama/logs/server.log', log)).toBe(kept);
  });

  it('keeps what a program complains of, but not what it passes on from another', () => {
    const complaint = "System has not been booted with systemd as init system (PID 1). Can't operate.\n";
    expect(redactComplaint(['systemctl', 'show', 'ollama'], complaint)).toBe(complaint);
    expect(redactComplaint(['journalctl', '-u', 'x'], 'No journal files were found.\n')).toBe(
      'No journal files were found.\n',
    );
    expect(redactComplaint(['docker', 'exec', 'web', 'env'], secret)).toBe('');
  });

  it('of other people’s processes is not kept, of rulesets and addresses all of it', () => {
    expect(redactOutput(['ps', 'aux'], secret)).toBe('');
    expect(redactOutput(['pgrep', '-a', '-x', 'ollama'], `77 /usr/bin/ollama serve --k ${secret}\n`)).toBe(
      '77 /usr/bin/ollama serve\n',
    );
    expect(redactOutput(['/usr/bin/env'], secret)).toBe('');
    const rules = '-A INPUT -m comment --comment "KEY=abc" -j DROP\n';
    expect(redactOutput(['iptables-save', '-c'], rules)).toBe(rules);
    expect(redactOutput(['ip', '-j', 'addr'], '[{"ifname":"eth0"}]')).toBe('[{"ifname":"eth0"}]');
  });

  it('of Windows and macOS keeps of environments what is read', () => {
    const registry = `\r\nHKEY_CURRENT_USER\\Environment\r\n    OLLAMA_HOST    REG_SZ    0.0.0.0\r\n    TOKEN    REG_SZ    ${secret}\r\n`;
    const kept = redactOutput(['reg.exe', 'query', 'HKCU\\Environment'], registry);
    expect(kept).toContain('0.0.0.0');
    expect(kept).not.toContain(secret);
    const job = `\tstate = running\n\tenvironment = {\n\t\tOLLAMA_HOST => 0.0.0.0\n\t\tTOKEN => ${secret}\n\t}\n`;
    expect(redactOutput(['launchctl', 'print', 'gui/501/x'], job)).toBe(job.replace(secret, '(left out)'));
  });
});

describe('URLs', () => {
  it('lose user names, passwords and keys in the query, and nothing else', () => {
    expect(cutCredentials('GET http://a:b@h:1/x?all=1&api_key=k&n=2 and https://u@h')).toBe(
      'GET http://h:1/x?all=1&api_key=left-out&n=2 and https://h',
    );
    expect(cutCredentials('http://h/a@b mail@x')).toBe('http://h/a@b mail@x');
  });

  it('of the doctor’s own proxies are cut too', () => {
    const env = {
      HTTP_PROXY: `http://u:${secret}@p:1`,
      OLLAMA_HOST: `u:${secret}@h:11434`,
      DOCKER_HOST: 'tcp://h:2375',
    };
    expect(redactIdentity({ ...simulatedIdentity, env }).env).toEqual({
      HTTP_PROXY: 'http://p:1',
      OLLAMA_HOST: 'h:11434',
      DOCKER_HOST: 'tcp://h:2375',
    });
  });

  it('of the doctor’s own journals, which hold whole files, nothing is kept', async () => {
    const path = '/var/lib/ollama-doctor/receipts/20261121.jsonl';
    const recorder = record(
      simulate({ files: { [path]: secret, '/etc/ollama-doctor/guard.nft': 'table inet x {}' } }),
    );
    await recorder.machine.read(path);
    await recorder.machine.read('/etc/ollama-doctor/guard.nft');
    expect(recorder.recording().entries).toEqual([
      { read: '/etc/ollama-doctor/guard.nft', text: 'table inet x {}' },
    ]);
  });

  it('in questions are found again without their credentials', async () => {
    const url = `http://u:${secret}@h:11434/api/version?token=${secret}`;
    const recorder = record(simulate({ request: { [url]: { status: 200 } } }));
    await recorder.machine.request({
      url,
      headers: { authorization: secret, cookie: secret },
      body: secret,
      proxy: `http://p:${secret}@proxy:1`,
    });
    await recorder.machine.run({ argv: ['curl', '-x', `http://u:${secret}@p`], input: secret });
    expect(JSON.stringify(recorder.recording())).not.toContain(secret);
    expect(recorder.recording().entries[0]).toMatchObject({
      request: 'GET http://h:11434/api/version?token=left-out',
      proxy: 'http://proxy:1/',
    });
  });
});
