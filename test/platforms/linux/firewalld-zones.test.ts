import fc from 'fast-check';
import { expect, test } from 'vitest';
import { notKept, parseZones } from '../../../src/platforms/linux/firewalld-zones.ts';

/** As firewalld 2.3 prints it. */
const live = `docker (active)
  target: ACCEPT
  ingress-priority: 0
  interfaces: docker0
  services: 
  ports: 
  rich rules: 

public (default)
  target: default
  icmp-block-inversion: no
  services: dhcpv6-client ssh
  ports: 22/tcp 11434/tcp
  protocols: 
  forward: yes
  rich rules: 
\trule family="ipv4" source address="172.18.0.0/16" port port="11434" protocol="tcp" accept
`;

test('ports and rich rules, zone by zone', () => {
  expect([...parseZones(live)].map(([zone, rules]) => [zone, [...rules]])).toEqual([
    ['docker', []],
    [
      'public',
      [
        'port 22/tcp',
        'port 11434/tcp',
        'rule family="ipv4" source address="172.18.0.0/16" port port="11434" protocol="tcp" accept',
      ],
    ],
  ]);
});

test('what is in force and not kept', () => {
  expect(notKept(live, live)).toEqual([]);
  expect(notKept(live, live.replace(' 11434/tcp\n', '\n'))).toEqual(['zone public: port 11434/tcp']);
  expect(notKept(live, '')).toHaveLength(3);
});

test('never throws', () => {
  const property = fc.property(fc.string(), fc.string(), (one, other) => {
    notKept(one, other);
  });
  expect(() => {
    fc.assert(property);
  }).not.toThrow();
});
