import { describe, expect, it } from 'vitest';
import type { OllamaService, Setting } from '../../src/facts/service.ts';
import { seen, service } from '../checks/host-of-values.ts';
import { bindCause, brokenHost, commands, listings, plan, save, written } from './planned.ts';

const conf = '/etc/conf.d/ollama';
const guard = '/etc/init.d/ollama-doctor-guard';
const line = (change: Partial<Setting> = {}): Setting => ({
  variable: 'OLLAMA_HOST',
  value: '127.0.0.1',
  file: conf,
  line: 2,
  text: 'export OLLAMA_HOST="127.0.0.1"',
  kind: 'environment-file',
  status: 'in-force',
  ...change,
});
const openrc = (settings: Setting[] = [], change: Partial<OllamaService> = {}) =>
  brokenHost({
    services: seen([
      service({ manager: 'openrc', name: 'ollama', definition: '/etc/init.d/ollama', settings, ...change }),
    ]),
  });
const planned = (text: string, settings: Setting[] = [], host = openrc(settings)) =>
  plan([bindCause], host, { files: { '/usr/sbin/nft': '', [conf]: text } });

describe("OpenRC's service that listens on loopback", () => {
  it('gets the line it exports changed, and a service ahead of it that closes the port', async () => {
    const { plans, refusals } = await planned('# mine\nexport OLLAMA_HOST="127.0.0.1"\n', [line()]);
    expect(refusals).toEqual([]);
    expect(Object.keys(written(plans))).toEqual(['/etc/ollama-doctor/guard.nft', guard, conf]);
    expect(written(plans)[conf]).toBe(
      '# mine\nexport OLLAMA_HOST="0.0.0.0:11434"\n# Closes the port to all but this host and its containers; Ollama does not start without.\nrc_need="ollama-doctor-guard"\n',
    );
    expect(written(plans)[guard]).toContain('/usr/sbin/nft -f /etc/ollama-doctor/guard.nft');
    expect(commands(plans)).toEqual(['nft -f /etc/ollama-doctor/guard.nft', 'rc-service ollama restart']);
  });

  it('gets a line where it has none, and no service where rules close the port', async () => {
    const shut = save('DROP', '-A INPUT -i lo -j ACCEPT');
    const host = { ...openrc(), rulesets: seen({ listings: listings(shut, shut), missing: [] }) };
    const { plans } = await planned('OTHER=1', [], host);
    expect(written(plans)).toEqual({ [conf]: 'OTHER=1\nexport OLLAMA_HOST="0.0.0.0:11434"\n' });
  });

  it.each<[string, string, Setting[], string]>([
    [
      'the script itself sets it',
      '',
      [line({ file: '/etc/init.d/ollama', line: 7 })],
      '/etc/init.d/ollama is read after',
    ],
    ['it needs others already', 'rc_need="net"\n', [], 'has an rc_need of its own'],
    [
      'the line is a program',
      '# mine\nexport OLLAMA_HOST="$(hostname)"\n',
      [line({ text: 'export OLLAMA_HOST="$(hostname)"' })],
      'is not a plain assignment',
    ],
  ])('is left to words where %s', async (_name, text, settings, reason) => {
    const { plans, refusals } = await planned(text, settings);
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toContain(reason);
    expect(refusals[0]?.instructions.join(' ')).toContain('OLLAMA_HOST=0.0.0.0:11434');
    expect(refusals[0]?.instructions.at(-1)).toContain('then close port 11434 to everyone');
  });
});

describe("OpenRC's service that does not run", () => {
  const start = async (state: OllamaService['state']) => {
    const cause = { ...bindCause, code: 'not-running', recipe: 'start-service' };
    return plan([cause], openrc([], { state, startsAtBoot: false }));
  };

  it.each([
    ['stopped', 'rc-service ollama start'],
    // Which counts as started to OpenRC.
    ['failed', 'rc-service ollama restart'],
  ] as const)('is %s: started, stopped again by undo, and said not to last', async (state, command) => {
    const { plans, refusals } = await start(state);
    expect(refusals).toEqual([]);
    expect(commands(plans)).toEqual([command]);
    expect(plans[0]?.changes[0]).toMatchObject({ undo: [['rc-service', '--ifstarted', 'ollama', 'stop']] });
    expect(plans[0]?.notPersistent?.instructions).toEqual(['sudo rc-update add ollama default']);
  });
});
