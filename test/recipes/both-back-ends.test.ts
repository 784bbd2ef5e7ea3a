import { describe, expect, it } from 'vitest';
import { decide } from '../../src/firewall/index.ts';
import { settled } from '../../src/path/settled.ts';
import { failed, rowsOf, seen, wildcard } from '../checks/host-of-values.ts';
import { brokenHost, commands, dropCause, listings, network, plan, save } from './planned.ts';

const drop = '-A INPUT -p tcp -m tcp --dport 11434 -j DROP';
const reject = '-A INPUT -p tcp -m tcp --dport 11434 -j REJECT --reject-with icmp-port-unreachable';
const both = [
  ...listings(save('ACCEPT', drop)),
  {
    format: 'iptables-save',
    backend: 'legacy',
    source: 'iptables-legacy-save -c',
    text: save('ACCEPT', reject),
  } as const,
];
const packet = {
  inInterface: 'br-1a2b3c4d5e6f',
  source: '172.18.0.2',
  destination: '172.17.0.1',
  destinationPort: 11_434,
};
const host = (failure: 'refused' | 'timeout') =>
  brokenHost({
    listeners: seen({ listeners: [wildcard], ownersKnown: true }),
    rulesets: seen({ listings: both, missing: [] }),
    answer: failed(failure),
  });

describe('rules of both back ends of iptables that block, of which no listing tells which comes first', () => {
  it('are unknown as a verdict, with what either comes to', () => {
    const decision = decide({ rulesets: both, packet, host: network });
    expect(decision.verdict).toBe('unknown');
    expect(decision.either?.map(({ verdict }) => verdict)).toEqual(['drop', 'reject']);
    const oneLetsIn = both.map((one) =>
      'backend' in one && one.backend === 'legacy' ? { ...one, text: '' } : one,
    );
    expect(decide({ rulesets: oneLetsIn, packet, host: network })).toMatchObject({ verdict: 'drop' });
  });

  it('are settled by what the container saw', () => {
    const decision = decide({ rulesets: both, packet, host: network });
    expect(settled(decision, 'refused')).toMatchObject({
      verdict: 'reject',
      decidedBy: { backend: 'legacy' },
    });
    expect(settled(decision, 'timeout')).toMatchObject({ verdict: 'drop', decidedBy: { backend: 'nft' } });
    expect(settled(decision).notes.at(-1)).toMatch(
      /^another rule would keep it out as well: which comes first/u,
    );
  });

  it.each([
    ['refused', 'firewall-reject'],
    ['timeout', 'firewall-drop'],
  ] as const)('%s is a cause, %s', async (failure, code) => {
    const row = (await rowsOf(host(failure))).find(({ id }) => id === 'firewall');
    expect(row).toMatchObject({ status: 'fail', code, recipe: 'allow-container-subnet' });
  });

  it('are both opened, each by its own program', async () => {
    const { plans, refusals } = await plan([dropCause], host('timeout'));
    expect(refusals).toEqual([]);
    const words =
      '-I INPUT 1 -s 172.18.0.0/16 -p tcp -m tcp --dport 11434 -m comment --comment ollama-doctor -j ACCEPT';
    expect(commands(plans).toSorted()).toEqual([`iptables ${words}`, `iptables-legacy -w 10 ${words}`]);
  });
});
