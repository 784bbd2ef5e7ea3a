import { describe, expect, it } from 'vitest';
import { seen, wildcard } from '../checks/host-of-values.ts';
import { brokenHost, commands, dropCause, listings, plan, save, savedBy, written } from './planned.ts';

const rule = '-s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j ACCEPT';
const path = '/etc/iptables/rules.v4';

/** A chain of a person's own that drops, to which packets come from two places; only the kernel has it. */
const live = [
  '*filter',
  ':INPUT ACCEPT [0:0]',
  ':LLM - [0:0]',
  '-A INPUT -i eth0 -p tcp -m tcp --dport 11434 -j LLM',
  '-A INPUT -p tcp -m tcp --dport 11434 -j LLM',
  '-A LLM -p tcp -m tcp --dport 22 -j ACCEPT',
  '-A LLM -j DROP',
  'COMMIT',
  '',
].join('\n');

async function planned(saved: string): Promise<Awaited<ReturnType<typeof plan>>> {
  const host = brokenHost({
    listeners: seen({ listeners: [wildcard], ownersKnown: true }),
    ownership: seen(savedBy('netfilter-persistent', saved, save('DROP'))),
    rulesets: seen({ listings: listings(live), missing: [] }),
  });
  return plan([dropCause], host, { files: { [path]: saved } });
}

describe('the saved file, where it has other rules than the kernel', () => {
  it('gets the rule where it blocks by itself, and no chain that nothing leads to', async () => {
    const saved = save('DROP', '-A INPUT -i lo -j ACCEPT', '-A INPUT -p tcp -m tcp --dport 11434 -j REJECT');
    const { plans } = await planned(saved);
    expect(commands(plans)).toEqual([`iptables -I LLM 2 ${rule}`]);
    expect(written(plans)[path]).toBe(saved.replace('-A INPUT -p tcp', `-A INPUT ${rule}\n-A INPUT -p tcp`));
    expect(plans[0]?.notPersistent).toBeUndefined();
  });

  it('is left alone where it lets the container in', async () => {
    const { plans } = await planned(save('ACCEPT', '-A INPUT -p udp -j DROP'));
    expect(written(plans)).toEqual({});
    expect(plans[0]?.notPersistent).toBeUndefined();
  });

  it('gets it by the policy too, behind what it has', async () => {
    const saved = save('DROP', '-A INPUT -i lo -j ACCEPT');
    expect(written((await planned(saved)).plans)[path]).toBe(
      saved.replace('COMMIT', `-A INPUT ${rule}\nCOMMIT`),
    );
  });
});
