import { describe, expect, it } from 'vitest';
import type { Cause } from '../../src/report/schema.ts';
import type { OllamaService } from '../../src/facts/service.ts';
import { loopback, seen, service, wildcard } from '../checks/host-of-values.ts';
import { bindCause, brokenHost, commands, listings, plan, save, written } from './planned.ts';

const cause: Cause = {
  code: 'bind-wrong-port',
  subject: 'host',
  summary: '',
  affects: ['container:web'],
  recipe: 'set-port',
};
const dropIn = '/etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf';
const shut = save('DROP', '-A INPUT -i lo -j ACCEPT');

const told = (value: string, port: number, change: Partial<OllamaService> = {}) =>
  brokenHost({
    services: seen([
      service({
        configuredHost: value,
        processHost: { value, source: '/proc/812/environ' },
        settings: [
          {
            variable: 'OLLAMA_HOST',
            value,
            file: '/etc/systemd/system/ollama.service',
            line: 12,
            text: `Environment="OLLAMA_HOST=${value}"`,
            kind: 'environment',
            status: 'in-force',
          },
        ],
        ...change,
      }),
    ]),
    listeners: seen({
      listeners: [{ ...(value.includes('127.') ? loopback : wildcard), port }],
      ownersKnown: true,
    }),
    rulesets: seen({ listings: listings(shut, shut), missing: [] }),
  });

describe('set-port', () => {
  it('writes the value that was meant into the drop-in that counts', async () => {
    const { plans, refusals } = await plan([cause], told('http://0.0.0.0', 80));
    expect(refusals).toEqual([]);
    expect(plans.map((one) => [one.recipe, one.cures])).toEqual([['set-port', ['bind-wrong-port@host']]]);
    expect(written(plans)[dropIn]).toContain('Environment="OLLAMA_HOST=0.0.0.0:11434"');
    expect(commands(plans).slice(-1)).toEqual(['systemctl restart ollama.service']);
    expect(plans[0]?.notes.join('\n')).toContain('nobody finds it at port 80 any more');
  });

  it('closes the new port to everybody else in the same step', async () => {
    const open = told('http://0.0.0.0', 80);
    const { plans } = await plan([cause], { ...open, rulesets: seen({ listings: listings(), missing: [] }) });
    expect(JSON.stringify(plans[0]?.changes)).toMatch(/tcp dport != 11434 accept|dport 11434/u);
  });

  it('stays on loopback where that is what was asked for', async () => {
    const { plans } = await plan([cause], told('http://127.0.0.1', 80));
    expect(written(plans)[dropIn]).toContain('Environment="OLLAMA_HOST=127.0.0.1:11434"');
    expect(plans[0]?.gainsAccess).toEqual([]);
  });

  it('is one step with the bind address where both are wrong', async () => {
    const { plans, refusals } = await plan([cause, bindCause], told('http://127.0.0.1', 80));
    expect(refusals).toEqual([]);
    expect(plans.map((one) => [one.recipe, one.cures])).toEqual([
      ['bind-all-interfaces', ['bind-loopback@host', 'bind-wrong-port@host']],
    ]);
    expect(written(plans)[dropIn]).toContain('Environment="OLLAMA_HOST=0.0.0.0:11434"');
  });

  it('mends a service that falls over by it', async () => {
    const host = told('http://0.0.0.0', 80, { state: 'crash-loop' });
    const { plans } = await plan([{ ...cause, code: 'crash-loop' }], {
      ...host,
      services: seen([
        {
          ...(host.services?.state === 'seen' ? host.services.value[0]! : service()),
          processHost: undefined as never,
        },
      ]),
      listeners: seen({ listeners: [], ownersKnown: true }),
    });
    expect(plans.map((one) => one.cures)).toEqual([['crash-loop@host']]);
  });

  it('leaves a crash loop of another kind alone', async () => {
    const other: Cause = { ...cause, code: 'crash-loop', recipe: null };
    expect(await plan([other], told('http://0.0.0.0', 80))).toEqual({ plans: [], refusals: [] });
  });

  it('leaves a port that was written down alone, in words', async () => {
    const { plans, refusals } = await plan([cause], told('0.0.0.0:8080', 8080));
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions[0]).toContain('ollama.service:12 to OLLAMA_HOST=0.0.0.0:11434');
  });

  it('says the words where another manager keeps the setting', async () => {
    const host = told('http://0.0.0.0', 80, { manager: 'runit', name: 'ollama' });
    const { plans, refusals } = await plan([cause], host);
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions.join('\n')).toContain('OLLAMA_HOST=0.0.0.0:11434');
  });
});
