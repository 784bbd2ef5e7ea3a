import { describe, expect, it } from 'vitest';
import type { OllamaService } from '../../src/facts/service.ts';
import type { Identity } from '../../src/machine/machine.ts';
import { seen, service } from '../checks/host-of-values.ts';
import { bindCause, brokenHost, changes, commands, listings, plan, save, written } from './planned.ts';

const sudo: Partial<Identity> = {
  elevated: true,
  user: 'root',
  uid: 0,
  home: '/root',
  invokedBy: { user: 'ada', uid: 1000, home: '/home/ada' },
};
const own: Partial<OllamaService> = {
  manager: 'systemd-user',
  user: 'ada',
  processHost: { value: '127.0.0.1:11434', source: '/proc/812/environ' },
  configuredHost: '127.0.0.1:11434',
};
const hostWith = (change: Partial<OllamaService>) =>
  brokenHost({ services: seen([service({ ...own, ...change })]) });
const dropIn = '/home/ada/.config/systemd/user/ollama.service.d/zz-ollama-doctor.conf';

describe("a user's own unit that listens on loopback", () => {
  it('gets a drop-in of that user, which looks that the port is closed', async () => {
    const { plans, refusals } = await plan([bindCause], hostWith({}), { identity: sudo });
    expect(refusals).toEqual([]);
    expect(Object.keys(written(plans))).toEqual([
      '/etc/ollama-doctor/guard.nft',
      '/etc/systemd/system/ollama-doctor-guard.service',
      '/etc/systemd/system/user@1000.service.d/zz-ollama-doctor.conf',
      dropIn,
    ]);
    expect(written(plans)[dropIn]).toContain(
      'ExecStartPre=systemctl --system --quiet is-active ollama-doctor-guard.service',
    );
    expect(changes(plans).at(-1)).toMatchObject({ attributes: { mode: 0o644, uid: 1000 } });
    expect(commands(plans).slice(-2)).toEqual([
      'systemctl --user --machine=ada@.host daemon-reload',
      'systemctl --user --machine=ada@.host restart ollama.service',
    ]);
  });

  it('needs no unit of the system where rules close the port already', async () => {
    const shut = save('DROP', '-A INPUT -i lo -j ACCEPT');
    const host = { ...hostWith({}), rulesets: seen({ listings: listings(shut, shut), missing: [] }) };
    const { plans } = await plan([bindCause], host, { identity: sudo });
    expect(Object.keys(written(plans))).toEqual([dropIn]);
    expect(written(plans)[dropIn]).not.toContain('ExecStartPre');
  });

  it("is the same for Homebrew's unit on Linux, which keeps its drop-ins when it is written anew", async () => {
    const brew = hostWith({
      manager: 'brew-services',
      name: 'homebrew.ollama.service',
      definition: '/home/ada/.config/systemd/user/homebrew.ollama.service',
    });
    const { plans } = await plan([bindCause], brew, { identity: sudo });
    expect(Object.keys(written(plans)).at(-1)).toBe(
      '/home/ada/.config/systemd/user/homebrew.ollama.service.d/zz-ollama-doctor.conf',
    );
  });

  it.each<[string, Partial<Identity>]>([
    ['root, and no sudo', { elevated: true, user: 'root', uid: 0, home: '/root' }],
    ['sudo of somebody else', { ...sudo, invokedBy: { user: 'eve', uid: 1001, home: '/home/eve' } }],
  ])('is left to words below the home of another user: %s', async (_name, identity) => {
    const { plans, refusals } = await plan([bindCause], hostWith({}), { identity });
    expect(plans).toEqual([]);
    expect(refusals[0]?.reason).toContain("ada's own service");
    expect(refusals[0]?.instructions.join('\n')).toContain('systemctl --user edit ollama.service');
  });
});
