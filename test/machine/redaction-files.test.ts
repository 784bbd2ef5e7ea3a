import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerLog } from '../../src/ollama/server-log.ts';
import { parseEnvironmentFile } from '../../src/platforms/linux/systemd/environment-file.ts';
import { parseUnitFile } from '../../src/platforms/linux/systemd/unit-file.ts';
import { redactFile } from '../../src/machine/redaction/files.ts';
import { redactIdentity } from '../../src/machine/redaction/identity.ts';
import { redactComplaint, redactOutput } from '../../src/machine/redaction/output.ts';
import { cutCredentials } from '../../src/machine/redaction/urls.ts';
import { record } from '../../src/machine/recording.ts';
import { simulate, simulatedIdentity } from '../../src/machine/simulated.ts';

/** What must never be in a recording. Letters only, so that no rule can trip over it by its form. */
const secret = 'HUNTERTWO';

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
