import { describe, expect, it } from 'vitest';
import type { OllamaService } from '../../src/facts/service.ts';
import type { Cause } from '../../src/report/schema.ts';
import { seen, service } from '../checks/host-of-values.ts';
import { brokenHost, commands, plan } from './planned.ts';

const cause: Cause = {
  code: 'not-persistent',
  subject: 'host',
  summary: '',
  affects: [],
  recipe: 'enable-service',
};
const sudo = {
  elevated: true,
  user: 'root',
  uid: 0,
  home: '/root',
  invokedBy: { user: 'ada', uid: 1000, home: '/home/ada' },
};
const planned = (change: Partial<OllamaService>, only = ['enable-service']) =>
  plan([cause], brokenHost({ services: seen([service(change)]) }), { identity: sudo }, only);

describe('enable-service', () => {
  it('has the unit start at boot, when asked for by name', async () => {
    expect(commands((await planned({ startsAtBoot: false })).plans)).toEqual([
      'systemctl enable ollama.service',
    ]);
    expect((await planned({ startsAtBoot: false }, [])).plans).toEqual([]);
    expect((await planned({})).plans).toEqual([]);
  });

  it("has a user's own start without a login", async () => {
    const own = { manager: 'systemd-user', user: 'ada', startsAtBoot: false, lingers: false } as const;
    expect(commands((await planned(own)).plans)).toEqual([
      'systemctl --user --machine=ada@.host enable ollama.service',
      'loginctl enable-linger ada',
    ]);
    const { plans, refusals } = await planned({ ...own, user: 'eve' });
    expect(plans).toEqual([]);
    expect(refusals[0]?.instructions[0]).toContain('run it as eve');
  });
});
