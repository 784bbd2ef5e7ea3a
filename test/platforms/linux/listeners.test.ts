import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Listener } from '../../../src/facts/network.ts';
import { simulate } from '../../../src/machine/simulated.ts';
import type { SimulationScript } from '../../../src/machine/simulated.ts';
import { lookAtListeners } from '../../../src/platforms/linux/listeners.ts';
import { parseProcNetTcp } from '../../../src/platforms/linux/proc-net-tcp.ts';
import { parseSs } from '../../../src/platforms/linux/ss.ts';
import { captured } from './captured.ts';

const brief = ({ address, port, family, wildcard }: Listener) => [address, port, family, wildcard];

describe('/proc/net/tcp', () => {
  test('IPv4: listening sockets alone, connections left out', () => {
    expect(parseProcNetTcp(captured('bookworm', 'proc-net-tcp.txt')).map(brief)).toEqual([
      ['127.0.0.1', 11_434, 4, false],
      ['172.18.0.1', 11_438, 4, false],
      ['0.0.0.0', 11_437, 4, true],
    ]);
  });

  test('IPv6: loopback and wildcards', () => {
    expect(parseProcNetTcp(captured('bookworm', 'proc-net-tcp6.txt')).map(brief)).toEqual([
      ['::1', 11_439, 6, false],
      ['::', 11_436, 6, true],
      ['::', 11_435, 6, true],
    ]);
  });

  test('the owner of the socket', () => {
    const ollama = parseProcNetTcp(captured('trixie', 'proc-net-tcp.txt')).find(
      ({ port }) => port === 11_434,
    );
    expect(ollama?.uid).toBe(996);
  });

  const line = (address: string) =>
    `   0: ${address}:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n`;

  test.each([
    ['B80D01200000000067452301EFCDAB89', '2001:db8::123:4567:89ab:cdef'],
    ['0000000000000000FFFF0000010012AC', '::ffff:172.18.0.1'],
    ['000080FE00000000FFF66CFE7D1D90FE', 'fe80::fe6c:f6ff:fe90:1d7d'],
  ])('%s is %s', (hex, address) => {
    expect(parseProcNetTcp(line(hex))[0]?.address).toBe(address);
  });

  test('on a big-endian machine the bytes stand as they are read', () => {
    expect(parseProcNetTcp(line('7F000001'), true)[0]?.address).toBe('127.0.0.1');
  });

  test('no text makes it throw, and what it gives are addresses', () => {
    const hex = fc.stringMatching(/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/u);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), hex, (garbage, address) => {
        expect(parseProcNetTcp(garbage)).toEqual([]);
        expect(parseProcNetTcp(line(address))).toHaveLength(1);
        expect(Array.isArray(parseSs(garbage))).toBe(true);
      }),
    );
  });
});

test('ss shows owners, and which wildcard takes IPv6 only', () => {
  expect(parseSs(captured('bookworm', 'ss.txt'))).toEqual([
    {
      address: '127.0.0.1',
      port: 11_434,
      family: 4,
      v6only: false,
      processes: [{ pid: 1968, name: 'python3' }],
    },
    {
      address: '172.18.0.1',
      port: 11_438,
      family: 4,
      v6only: false,
      processes: [{ pid: 1968, name: 'python3' }],
    },
    {
      address: '0.0.0.0',
      port: 11_437,
      family: 4,
      v6only: false,
      processes: [{ pid: 1968, name: 'python3' }],
    },
    { address: '::1', port: 11_439, family: 6, v6only: false, processes: [{ pid: 1968, name: 'python3' }] },
    { address: '::', port: 11_436, family: 6, v6only: true, processes: [{ pid: 1968, name: 'python3' }] },
    { address: '::', port: 11_435, family: 6, v6only: false, processes: [{ pid: 1968, name: 'python3' }] },
  ]);
});

test('ss leaves out the zone of a link-local listener', () => {
  expect(
    parseSs('LISTEN 0 128 [fe80::1]%eth0:53 [::]:* \nLISTEN 0 128 127.0.0.53%lo:53 0.0.0.0:*'),
  ).toMatchObject([
    { address: 'fe80::1', port: 53, family: 6 },
    { address: '127.0.0.53', port: 53, family: 4 },
  ]);
});

describe('the listeners of a host', () => {
  const host = (script: SimulationScript) =>
    lookAtListeners(
      simulate({
        ...script,
        files: {
          '/proc/net/tcp': captured('bookworm', 'proc-net-tcp.txt'),
          '/proc/net/tcp6': captured('bookworm', 'proc-net-tcp6.txt'),
          ...script.files,
        },
      }),
    );
  const ss = { 'ss -ltnpH': captured('bookworm', 'ss.txt') };

  test('come from /proc, with owners from ss', async () => {
    const looked = await host({
      run: ss,
      files: { '/proc/1968/cmdline': '/usr/bin/ollama\0serve\0--key\0secret\0' },
    });
    expect(looked).toMatchObject({ state: 'seen', value: { ownersKnown: true } });
    const listeners = looked.state === 'seen' ? looked.value.listeners : [];
    expect(listeners).toHaveLength(6);
    expect(listeners.find(({ port }) => port === 11_434)).toEqual({
      address: '127.0.0.1',
      port: 11_434,
      family: 4,
      wildcard: false,
      v6only: false,
      uid: 0,
      process: { pid: 1968, name: 'python3', commandLine: '/usr/bin/ollama serve' },
    });
    expect(listeners.find(({ port }) => port === 11_436)?.v6only).toBe(true);
    expect(listeners.find(({ port }) => port === 11_435)?.v6only).toBe(false);
  });

  test('are known without ss, their owners are not', async () => {
    const looked = await host({});
    expect(looked).toMatchObject({ state: 'seen', value: { ownersKnown: false } });
    expect(looked.state === 'seen' && looked.value.listeners.map(({ port }) => port)).toEqual([
      11_434, 11_438, 11_437, 11_439, 11_436, 11_435,
    ]);
  });

  test('have unknown owners where ss runs without root', async () => {
    const looked = await host({
      run: { 'ss -ltnpH': captured('trixie', 'ss-not-root.txt') },
      identity: { elevated: false },
    });
    expect(looked).toMatchObject({ state: 'seen', value: { ownersKnown: false } });
  });

  test('come from ss alone where /proc is closed', async () => {
    const looked = await host({ run: ss, files: { '/proc/net/tcp': 'denied', '/proc/net/tcp6': 'denied' } });
    expect(looked.state === 'seen' && looked.value.listeners.map(brief)).toContainEqual([
      '::',
      11_435,
      6,
      true,
    ]);
  });

  test('are unknown where neither can be read, and not empty', async () => {
    const looked = await host({ files: { '/proc/net/tcp': 'denied', '/proc/net/tcp6': 'denied' } });
    expect(looked).toMatchObject({ state: 'unavailable', denied: true });
  });

  test('with IPv6 switched off are the IPv4 ones', async () => {
    const looked = await lookAtListeners(
      simulate({ files: { '/proc/net/tcp': captured('trixie', 'proc-net-tcp.txt') } }),
    );
    expect(looked.state === 'seen' && looked.value.listeners.map(({ port }) => port)).toContain(11_434);
  });
});
