import { describe, expect, it } from 'vitest';
import { findingEntries } from '../../src/findings/index.ts';
import { runWith } from './world-of-values.ts';

describe('explain', () => {
  it('lists every code under its check', async () => {
    const { exitCode, stdout } = await runWith(['explain']);
    expect(exitCode).toBe(0);
    for (const { code, title } of findingEntries) expect(stdout).toContain(`${code.padEnd(26)}   ${title}`);
  });

  it('prints the whole entry of a code', async () => {
    const { exitCode, stdout } = await runWith(['explain', 'bind-loopback']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^ {2}Ollama is set to loopback only +bind-loopback\n/u);
    expect(stdout).toContain('See it by hand');
    expect(stdout).toContain('ss -ltnp | grep 11434');
    expect(stdout).toContain('Mend it');
    expect(stdout).toContain('bind-all-interfaces');
  });

  it('lists the codes of a check', async () => {
    const { stdout } = await runWith(['explain', 'models']);
    expect(stdout).toContain('no-models');
    expect(stdout).toContain('model-missing');
    expect(stdout).not.toContain('bind-loopback');
  });

  it('says what was meant when the code is not quite right', async () => {
    const { exitCode, stdout, stderr } = await runWith(['explain', 'bind-lopback']);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe("ollama-doctor: there is no finding 'bind-lopback'; did you mean bind-loopback?\n");
  });

  it('has one document with --json, for one code too', async () => {
    const one = JSON.parse((await runWith(['explain', 'exposed', '--json'])).stdout);
    expect(one).toMatchObject({ schemaVersion: 1, tool: { name: 'ollama-doctor' } });
    expect(one.findings).toMatchObject([
      { code: 'exposed', check: 'exposure', docs: 'docs/findings.md#exposed' },
    ]);
    const all = JSON.parse((await runWith(['explain', '--json'])).stdout);
    expect(all.findings).toHaveLength(findingEntries.length);
  });
});
