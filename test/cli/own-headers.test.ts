import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from './built-program.ts';

const secret = 'hunter2-Zq9';
const received: (string | undefined)[] = [];

/** A proxy that wants the header, and repeats what it was sent wherever it can. */
const proxy = createServer((request, response) => {
  const given = request.headers.authorization;
  received.push(given);
  const headers = { server: `echo (${given})`, 'x-given': given ?? '', location: `/login/${given}` };
  const passes = given === `Bearer ${secret}`;
  if (!passes || request.headers['x-mode'] === 'refuse') {
    response
      .writeHead(request.url?.includes('tags') ? 500 : 401, headers)
      .end(`<title>${given}</title>${given}`);
    return;
  }
  if (request.url === '/api/version') response.writeHead(200, headers).end('{"version":"0.12.3"}');
  else if (request.url === '/api/tags')
    response
      .writeHead(200, headers)
      .end(JSON.stringify({ models: [{ name: `m-${given}`, digest: 'a'.repeat(64) }] }));
  else response.writeHead(404, headers).end(given);
});

let folder = '';
let bin = '';
let url = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ollama-doctor-headers-'));
  bin = await buildProgram(join(folder, 'program'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}, 120_000);
afterAll(async () => {
  proxy.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(words: readonly string[], header?: string) {
  const env = { HOME: folder, PATH: '', ...(header === undefined ? {} : { OLLAMA_DOCTOR_HEADER: header }) };
  const child = spawn(process.execPath, [bin, ...words], { env, stdio: 'pipe' });
  let text = '';
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => ((text += chunk.toString()), (stdout += chunk.toString())));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, text, stdout };
}

const only = ['--only', 'ollama-api,models', '--url'];

describe('the header of OLLAMA_DOCTOR_HEADER', () => {
  it('is sent, and lets the doctor through', async () => {
    received.length = 0;
    const { stdout } = await run([...only, url, '--json'], `Authorization: Bearer ${secret}`);
    const { checks } = JSON.parse(stdout) as { checks: { id: string; status: string; summary: string }[] };
    expect(checks.find((row) => row.id === 'ollama-api')).toMatchObject({ status: 'pass' });
    expect(received).toContain(`Bearer ${secret}`);
  });

  it('is asked for by a proxy that wants credentials', async () => {
    const { code, text } = await run([...only, url]);
    expect(code).toBe(1);
    expect(text).toContain('wants credentials (401)');
    expect(text).toContain("OLLAMA_DOCTOR_HEADER='Authorization: Bearer");
  });

  it.concurrent.each(['human', 'json', 'junit', 'sarif', 'github', 'markdown'])(
    'is in no report (%s), whether it is taken or not',
    async (format) => {
      for (const value of [
        `Authorization: Bearer ${secret}`,
        `X-Mode: refuse\nAuthorization: Bearer ${secret}`,
      ]) {
        const { text } = await run(
          [...only, url, '--format', format, ...(format === 'human' ? ['--verbose'] : [])],
          value,
        );
        expect(text).not.toContain(secret);
        expect(text.length).toBeGreaterThan(20);
      }
    },
  );

  it('is in no recording, and a replay needs none', async () => {
    const file = join(folder, 'recording.json');
    const live = await run([...only, url, '--json', '--record', file], `Authorization: Bearer ${secret}`);
    expect(live.text).not.toContain(secret);
    expect(await readFile(file, 'utf8')).not.toContain(secret);
    const replayed = await run([...only, url, '--json', '--replay', file]);
    const rows = (text: string): object[] =>
      (JSON.parse(text) as { checks: object[] }).checks.map((row) => ({ ...row, durationMs: 0 }));
    expect(rows(replayed.stdout)).toEqual(rows(live.stdout));
  });

  it('is not shown when it is none, nor in a stack', async () => {
    for (const value of [secret, `Bad Name: ${secret}`, `Host: ${secret}`]) {
      const { code, text } = await run([...only, url, '--json'], value);
      expect(code).toBe(2);
      expect(text).toContain('OLLAMA_DOCTOR_HEADER cannot be used');
      expect(text).not.toContain(secret);
    }
  });

  it('is not shown when nothing answers', async () => {
    const { text } = await run(
      [...only, 'http://127.0.0.1:1', '--verbose'],
      `Authorization: Bearer ${secret}`,
    );
    expect(text).not.toContain(secret);
  });
});
