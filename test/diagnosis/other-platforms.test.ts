import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import { defaultOptions } from '../../src/diagnosis/options.ts';
import type { Identity } from '../../src/machine/machine.ts';
import { simulate } from '../../src/machine/simulated.ts';

const platforms: Partial<Identity>[] = [
  { platform: 'darwin', home: '/Users/ada', user: 'ada', uid: 501, elevated: false, release: '24.6.0' },
  { platform: 'win32', home: 'C:\\Users\\ada', user: 'ada', uid: -1, elevated: false, release: '10.0.26100' },
];

const answering = {
  'GET http://127.0.0.1:11434/api/version': { status: 200, body: { version: '0.32.15' } },
  'GET http://127.0.0.1:11434/api/tags': { status: 200, body: { models: [{ name: 'llama3.2:latest' }] } },
};

describe.each(platforms)('on $platform, where this version has no platform code', (identity) => {
  it('asks Ollama all the same, is content with it, and says what else it cannot look at', async () => {
    const { report } = await diagnose(simulate({ identity, request: answering }), defaultOptions);
    const status = (id: string): string | undefined => report.checks.find((row) => row.id === id)?.status;
    expect(report.status).toBe('healthy');
    expect([status('ollama-api'), status('models')]).toEqual(['pass', 'pass']);
    for (const id of ['ollama-service', 'bind-address', 'port-owner', 'exposure', 'persistence'])
      expect([id, status(id)]).toEqual([id, 'inconclusive']);
    const service = report.checks.find((row) => row.id === 'ollama-service');
    expect(service?.summary).toMatch(/this version cannot see on (?:macOS|Windows)/u);
    expect(service?.instructions).not.toEqual([]);
  });

  it('calls nothing broken where nothing answers, and does not call it healthy', async () => {
    const refused = { 'GET http://127.0.0.1:11434/api/version': 'refused' as const };
    const machine = simulate({ identity, request: refused });
    const { report } = await diagnose(machine, defaultOptions);
    expect(report.status).toBe('incomplete');
    expect(report.checks.filter((row) => row.status === 'fail')).toEqual([]);
  });
});
