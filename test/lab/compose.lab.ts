import { afterAll, beforeAll, expect, test } from 'vitest';
import { bootHost, type ExecResult, type LabHost, prepareLab } from './host/index.ts';
import { installOllama } from './scenarios/ollama-service.ts';

const file = '/srv/agent/compose.yaml';
const text = [
  '# The agent of a CLI: the URL was copied from the host.',
  'services:',
  '  agent:',
  '    image: app:1',
  '    command: ["sleep", "infinity"]',
  '    environment:',
  '      - STIGMER_LLM_BASE_URL=http://localhost:11434   # here',
  '      - AGENT_TOKEN=s3cret',
  '',
].join('\n');

let host: LabHost;

beforeAll(async () => {
  await prepareLab(['plain', 'compose']);
  host = await bootHost({
    name: 'compose',
    layer: 'compose',
    setup: async (disk) => {
      await installOllama(disk, { serviceLines: ['Environment="OLLAMA_HOST=0.0.0.0:11434"'] });
      await disk.write(file, text);
    },
  });
  await host.docker.load('app:1');
  await host.must(['docker', 'compose', '-f', file, 'up', '-d']);
});
afterAll(() => host?.stop());

// Ollama listens everywhere here, and no rule stands in front of it: that is another test's matter.
const doctor = (...args: string[]): Promise<ExecResult> => {
  const patient =
    args[0] === 'fix' || args[0] === 'check' ? ['--skip', 'exposure', '--timeout', '60000'] : [];
  return host.doctor([...args, ...patient], { timeoutMs: 150_000 });
};
const running = async (): Promise<string> => (await host.must(['docker', 'ps', '-q', '--no-trunc'])).trim();

test('compose names the line, without and with Docker, and leaves the file alone', async () => {
  const ran = await doctor('compose', file);
  expect(ran.exitCode).toBe(1);
  expect(ran.stdout).toContain(`${file}:7`);
  expect(ran.stdout).toContain('url-localhost');
  expect(ran.stdout).not.toContain('s3cret');
  expect(await host.read(file)).toBe(text);
});

test('a fix edits the file, leaves the container, and says what to type; that cures it', async () => {
  const before = await running();
  const dry = await doctor('fix', '--dry-run', '--json');
  expect(JSON.parse(dry.stdout)).toMatchObject({
    fixes: [{ recipe: 'set-client-url', status: 'planned' }],
    causes: [{ code: 'url-localhost', recipe: 'set-client-url' }],
  });
  expect(await host.read(file)).toBe(text);

  const fixed = await doctor('fix', '--yes', '--json');
  const report = JSON.parse(fixed.stdout) as { status: string; fixes: { status: string; notes: string[] }[] };
  expect([fixed.exitCode, report.status, report.fixes[0]?.status]).toEqual([1, 'problems', 'applied']);
  const line = report.fixes[0]?.notes.find((note) => note.startsWith('to make it again: '));
  expect(line).toBe(`to make it again: docker compose -p agent -f ${file} up -d agent`);
  expect(await host.read(file)).toContain('STIGMER_LLM_BASE_URL=http://host.docker.internal:11434   # here');
  expect(await running()).toBe(before);

  // Asked again before that was typed, it says that the container is older than its file.
  const again = await doctor('fix', '--yes', '--json');
  expect(again.stdout).toContain('in its file by now than the container runs with');

  await host.must(['sh', '-c', line?.replace('to make it again: ', '') ?? 'false']);
  const healthy = await doctor('check');
  expect(healthy.stdout).toContain('agent-agent-1 reaches Ollama');
  expect(healthy.exitCode).toBe(0);
  expect((await doctor('compose', file)).exitCode).toBe(0);
});

test('undo restores the file to the byte', async () => {
  expect((await doctor('undo')).exitCode).toBe(0);
  expect(await host.read(file)).toBe(text);
});

test('with --recreate the container is made again and the fix is proved from inside', async () => {
  await host.must(['docker', 'compose', '-f', file, 'up', '-d']);
  const before = await running();
  const fixed = await doctor('fix', '--yes', '--recreate', '--json');
  expect(JSON.parse(fixed.stdout)).toMatchObject({ status: 'healthy', fixes: [{ status: 'verified' }] });
  expect(await running()).not.toBe(before);
});

test('a container of no compose file gets the words that make it again, and is left alone', async () => {
  await host.must(['docker', 'compose', '-f', file, 'down']);
  await host.docker.runContainer({
    name: 'lonely',
    env: { STIGMER_LLM_BASE_URL: 'http://localhost:11434', AGENT_TOKEN: 's3cret' },
    restart: 'unless-stopped',
  });
  const before = await running();
  const ran = await doctor('fix', '--yes');
  expect(ran.stdout).not.toContain('s3cret');
  const words = ran.stdout.replaceAll(/\s+/gu, ' ');
  expect(words).toContain('docker stop lonely');
  expect(words).toContain('--name=lonely --restart=unless-stopped --env=AGENT_TOKEN');
  expect(words).toContain('--env=STIGMER_LLM_BASE_URL=http://host.docker.internal:11434');
  expect(words).toContain('--add-host=host.docker.internal:host-gateway');
  expect(await running()).toBe(before);
});
