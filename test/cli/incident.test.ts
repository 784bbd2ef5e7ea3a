import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openReplay } from '../../src/machine/replay.ts';
import { reportSchema } from '../../src/report/schema.ts';
import { runWith } from './world-of-values.ts';

const folder = fileURLToPath(new URL('../../fixtures/incident', import.meta.url));

/** Runs the program on the recorded incident. */
async function replayed(words: readonly string[]) {
  return runWith(['--replay', 'incident', ...words], { replays: { incident: await openReplay(folder) } });
}

describe('the recorded incident', () => {
  it('has both causes on the screen, with the unit line, the rule and what the container saw', async () => {
    const { exitCode, stdout, stderr } = await replayed([]);
    expect([exitCode, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^ {2}✗ archon-server cannot reach Ollama: 2 causes\n/u);
    expect(stdout).toContain('timed out at 172.17.0.1:11434');
    expect(stdout).toContain('Environment="OLLAMA_HOST=127.0.0.1:11434"');
    expect(stdout).toContain('-A INPUT -p tcp -m tcp --dport 11434 -j DROP');
    expect(stdout).toMatch(/✗ firewall .*it breaks here/u);
  });

  it('has them in the JSON report, with the container they affect', async () => {
    const { stdout } = await replayed(['--json']);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.causes.map((cause) => [cause.code, cause.affects])).toEqual([
      ['bind-loopback', ['container:archon-server']],
      ['firewall-drop', ['container:archon-server']],
    ]);
  });

  it('shows what a fix would change with --dry-run, and changes nothing', async () => {
    const { exitCode, stdout } = await replayed(['--dry-run', '--json']);
    expect(exitCode).toBe(1);
    const { fixes } = reportSchema.parse(JSON.parse(stdout));
    expect(fixes.map((fix) => [fix.recipe, fix.status])).toEqual([
      ['bind-all-interfaces', 'planned'],
      ['allow-container-subnet', 'planned'],
    ]);
    expect(fixes.flatMap((fix) => fix.receipt ?? [])).toEqual([]);
  });

  it('plans one recipe alone with --fix-only', async () => {
    const { stdout } = await replayed(['--dry-run', '--fix-only', 'bind-all-interfaces', '--json']);
    const { fixes } = reportSchema.parse(JSON.parse(stdout));
    expect(fixes.map((fix) => fix.recipe)).toEqual(['bind-all-interfaces']);
  });

  it('knows no other container', async () => {
    const { exitCode, stdout, stderr } = await replayed(['--container', 'archon-sever']);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toBe('ollama-doctor: no container is called archon-sever; did you mean archon-server?\n');
  });
});
