import { describe, expect, it } from 'vitest';
import type { OllamaService, Setting } from '../../src/facts/service.ts';
import type { Cause } from '../../src/report/schema.ts';
import { seen, service } from '../checks/host-of-values.ts';
import { brokenHost, commands, plan, written } from './planned.ts';

const dropIn = '/etc/systemd/system/ollama.service.d/zz-ollama-doctor.conf';
const refused: Cause = {
  code: 'forbidden-origin',
  subject: 'host',
  summary: '',
  affects: [],
  recipe: 'allow-origin',
};
const told = (value: string, change: Partial<Setting> = {}): Setting => ({
  variable: 'OLLAMA_ORIGINS',
  value,
  file: '/etc/systemd/system/ollama.service',
  line: 12,
  text: `Environment="OLLAMA_ORIGINS=${value}"`,
  kind: 'environment',
  status: 'in-force',
  ...change,
});
const asked = (origin: string, settings: Setting[], change: Partial<OllamaService> = {}) =>
  brokenHost({ options: { origin }, services: seen([service({ settings, ...change })]) });

describe('allow-origin', () => {
  it('adds exactly the page to what is set, and shows that no other gains', async () => {
    const { plans } = await plan([refused], asked('http://chat.lan:3000', [told('http://a.lan')]));
    expect(written(plans)).toEqual({
      [dropIn]: expect.stringContaining('Environment="OLLAMA_ORIGINS=http://a.lan,http://chat.lan:3000"\n'),
    });
    expect(commands(plans)).toEqual(['systemctl daemon-reload', 'systemctl restart ollama.service']);
    expect(plans[0]).toMatchObject({ cures: ['forbidden-origin@host'], gainsAccess: [] });
  });

  it('keeps what an earlier fix wrote into the drop-in, the guard included', async () => {
    const before = [
      '# Written by ollama-doctor; "ollama-doctor undo" takes it back.',
      '# It is a file of its own since the installer rewrites the unit on every upgrade.',
      '[Service]',
      'Environment="OLLAMA_HOST=0.0.0.0:11434"',
      '# Closes the port to all but this host and its containers; Ollama does not start without.',
      'ExecStartPre=+/usr/sbin/nft -f /etc/ollama-doctor/guard.nft',
      '',
    ].join('\n');
    const { plans } = await plan([refused], asked('http://chat.lan', []), { files: { [dropIn]: before } });
    const wanted = before.replace('# Closes', 'Environment="OLLAMA_ORIGINS=http://chat.lan"\n# Closes');
    expect(written(plans)[dropIn]).toBe(wanted);
  });

  it('changes the line of the file that beats every drop-in', async () => {
    const file = '/etc/sysconfig/ollama';
    const setting = told('http://a.lan', {
      file,
      line: 2,
      text: 'OLLAMA_ORIGINS="http://a.lan"',
      kind: 'environment-file',
    });
    const { plans } = await plan([refused], asked('http://b.lan', [setting]), {
      files: { [file]: '# mine\nOLLAMA_ORIGINS="http://a.lan"\nOTHER=1\n' },
    });
    expect(written(plans)).toEqual({
      [file]: '# mine\nOLLAMA_ORIGINS="http://a.lan,http://b.lan"\nOTHER=1\n',
    });
  });

  it('never writes an entry that would end the server', async () => {
    const { plans, refusals } = await plan([refused], asked('safari-web-extension://x', []));
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions[0]).toContain('safari-web-extension://*');
  });

  it.each<[Partial<OllamaService>, string]>([
    [{ manager: 'snap' }, 'sudo snap set ollama origins=http://b.lan'],
    [{ manager: 'nixos' }, 'services.ollama.environmentVariables.OLLAMA_ORIGINS = "http://b.lan";'],
    [{ manager: 'runit', name: 'ollama' }, 'ahead of exec: export OLLAMA_ORIGINS=http://b.lan'],
    [{ manager: 'quadlet' }, 'section [Container]: Environment=OLLAMA_ORIGINS=http://b.lan'],
  ])('says the words of %j', async (change, words) => {
    const { plans, refusals } = await plan([refused], asked('http://b.lan', [], change));
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions.join('\n')).toContain(words);
  });

  it('says whose file beats ours', async () => {
    const file = '/etc/systemd/system/ollama.service.d/zzz.conf';
    const { plans, refusals } = await plan(
      [refused],
      asked('http://b.lan', [told('http://a.lan', { file })], { dropIns: [file] }),
    );
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toContain(`${file} is read after every drop-in of ours`);
  });
});

describe('mend-origins', () => {
  const loops: Cause = { ...refused, code: 'crash-loop', recipe: 'mend-origins' };

  it('writes what was meant, and leaves another crash loop alone', async () => {
    const host = asked('', [told('192.168.1.5,http://a.lan')], { state: 'crash-loop' });
    const { plans } = await plan([loops], host);
    expect(plans.map((one) => one.recipe)).toEqual(['mend-origins']);
    expect(written(plans)[dropIn]).toContain('"OLLAMA_ORIGINS=http://192.168.1.5,http://a.lan"');
    expect(await plan([{ ...loops, recipe: null }], host)).toEqual({ plans: [], refusals: [] });
  });
});
