import { describe, expect, it } from 'vitest';
import type { Row } from '../../src/engine/check.ts';
import type { OllamaService } from '../../src/facts/service.ts';
import { failed, type HostOfValues, rowsOf, seen, service } from './host-of-values.ts';

const row = async (
  change: Partial<OllamaService>,
  host: Partial<HostOfValues> = {},
): Promise<Row | undefined> =>
  (await rowsOf({ services: seen([service(change)]), ...host })).find(({ id }) => id === 'persistence');

describe('a server that a container uses, and the next boot', () => {
  it.each<[string, Partial<OllamaService>, string, string]>([
    [
      'a unit that is not enabled',
      { startsAtBoot: false },
      'web uses ollama.service, which does not start at boot',
      'sudo systemctl enable ollama.service',
    ],
    [
      "a user's own, whose manager starts at login",
      { manager: 'systemd-user', user: 'ada', lingers: false },
      "web uses ollama.service of ada's, which starts as ada logs in",
      'sudo loginctl enable-linger ada',
    ],
    [
      'a server started by hand',
      { manager: 'by-hand', name: 'ollama serve', startedBy: 'by hand, in tmux', startsAtBoot: false },
      'web uses an Ollama that was started by hand, in tmux: after a reboot it is gone',
      'https://docs.ollama.com/linux',
    ],
  ])('%s: warns', async (_name, change, summary, typed) => {
    const found = await row(change);
    expect(found).toMatchObject({ status: 'warn', code: 'not-persistent' });
    expect(found?.summary).toContain(summary);
    expect(found?.instructions?.join(' ')).toContain(typed);
    expect(found?.recipe).toBe(change.manager === 'by-hand' ? undefined : 'enable-service');
  });

  it('started by hand beside a unit that is off: the unit takes its place, told the same', async () => {
    const own = service({
      manager: 'by-hand',
      name: 'ollama serve',
      startsAtBoot: false,
      pid: 4711,
      processHost: { value: '0.0.0.0', source: '/proc/4711/environ' },
    });
    const idle = service({ state: 'stopped', startsAtBoot: false });
    delete idle.configuredHost;
    const typed = async (...all: OllamaService[]) =>
      (await row({}, { services: seen([own, ...all]) }))?.instructions;
    expect(await typed(idle)).toEqual([
      expect.stringMatching(/^ollama\.service is not told the same yet: .*OLLAMA_HOST=0\.0\.0\.0/u),
      'end the one that was started by hand: kill 4711',
      'sudo systemctl enable --now ollama.service',
    ]);
    expect(await typed({ ...idle, configuredHost: '0.0.0.0' })).toHaveLength(2);
    expect(await typed({ ...idle, startsAtBoot: 'masked' })).toEqual([expect.stringContaining('docs.')]);
    expect(await typed({ ...idle, manager: 'openrc', name: 'ollama' })).toContain(
      'sudo rc-service ollama start',
    );
  });

  it.each<[string, Partial<OllamaService>, Partial<HostOfValues>]>([
    ['it is enabled', {}, {}],
    ["a user's own that lingers", { manager: 'systemd-user', user: 'ada', lingers: true }, {}],
    ['it is not known', { startsAtBoot: 'unknown' }, {}],
    ['no container uses it', { startsAtBoot: false }, { clients: [] }],
    ['the container gets no answer', { startsAtBoot: false }, { answer: failed('timeout') }],
  ])('says nothing where %s', async (_name, change, host) => {
    expect((await row(change, host))?.status).not.toBe('warn');
  });
});
