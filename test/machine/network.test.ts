import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLiveMachine } from '../../src/machine/live.ts';
import type { LiveMachine } from '../../src/machine/live.ts';
import { dialAddresses } from '../../src/machine/live/dial.ts';
import type { Dialled } from '../../src/machine/live/dial.ts';
import { outcomeOfErrno } from '../../src/machine/live/failure.ts';
import { closedPort, closeLater, closeServers, listen, rawServer } from './local-servers.ts';

let machine: LiveMachine;
beforeEach(() => {
  machine = openLiveMachine();
});
afterEach(() => {
  machine.dispose();
  closeServers();
});

describe('connecting', () => {
  it('connects, and says to which address', async () => {
    const port = await rawServer(() => undefined);
    expect(await machine.connect({ host: '127.0.0.1', port })).toMatchObject({
      outcome: 'connected',
      address: '127.0.0.1',
    });
    expect(await machine.connect({ host: 'localhost', port })).toMatchObject({
      outcome: 'connected',
      address: '127.0.0.1',
    });
  });

  it('says refused where nobody listens', async () => {
    const result = await machine.connect({ host: '127.0.0.1', port: await closedPort() });
    expect(result).toMatchObject({ outcome: 'refused', address: '127.0.0.1', errno: 'ECONNREFUSED' });
  });

  it.runIf(process.platform === 'linux')(
    'says timeout at its own deadline when a listener takes no more',
    async () => {
      // A full backlog of a listener that nobody accepts from drops SYNs, as a firewall does.
      const port = await fullBacklog();
      const startedAt = performance.now();
      const result = await machine.connect({ host: '127.0.0.1', port, timeoutMs: 400 });
      expect(result).toMatchObject({
        outcome: 'timeout',
        detail: 'no answer within 400 ms',
        address: '127.0.0.1',
      });
      expect(performance.now() - startedAt).toBeLessThan(15_000);
    },
  );

  it('says name-not-found for a name that cannot be', async () => {
    expect((await machine.connect({ host: 'nothing.invalid', port: 80 })).outcome).toBe('name-not-found');
    expect((await machine.connect({ host: '', port: 80 })).outcome).toBe('name-not-found');
  });

  it('refuses what is no port without a throw', async () => {
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
      expect((await machine.connect({ host: '127.0.0.1', port })).outcome).toBe('failed');
    }
  });

  it('survives a peer that resets at once', async () => {
    const port = await rawServer((socket) => socket.resetAndDestroy());
    // Which of the two depends on whether the reset overtakes the system's answer; neither may end the process.
    expect(['connected', 'reset']).toContain((await machine.connect({ host: '127.0.0.1', port })).outcome);
  });

  it('stops when the machine is disposed of', async () => {
    machine.dispose();
    expect(await machine.connect({ host: '127.0.0.1', port: 1 })).toMatchObject({
      outcome: 'failed',
      detail: 'interrupted',
    });
  });

  it('maps what REJECT rules of every kind look like to a client', () => {
    expect(outcomeOfErrno('EHOSTUNREACH')).toBe('host-unreachable');
    expect(outcomeOfErrno('EACCES')).toBe('host-unreachable');
    expect(outcomeOfErrno('ENETUNREACH')).toBe('network-unreachable');
    expect(outcomeOfErrno('ETIMEDOUT')).toBe('timeout');
    expect(outcomeOfErrno('ECONNRESET')).toBe('reset');
    expect(outcomeOfErrno('EAI_AGAIN')).toBe('name-not-found');
    expect(outcomeOfErrno('EWHATEVER')).toBe('failed');
    expect(outcomeOfErrno(undefined)).toBe('failed');
  });
});

/** Fills the queue of a listener of a child that never accepts; its port. */
async function fullBacklog(): Promise<number> {
  const { spawn } = await import('node:child_process');
  const program = `import socket,time
s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(0); print(s.getsockname()[1],flush=True); time.sleep(30)`;
  const child = spawn('python3', ['-c', program]);
  closeLater(() => child.kill('SIGKILL'));
  const port = await new Promise<number>((resolve) => {
    child.stdout.once('data', (data: Buffer) => resolve(Number(data.toString())));
  });
  const { connect } = await import('node:net');
  for (let count = 0; count < 3; count += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    closeLater(() => socket.destroy());
  }
  await new Promise((done) => {
    setTimeout(done, 100);
  });
  return port;
}

describe.runIf(process.platform === 'linux')('a name with several addresses', () => {
  const signal = new AbortController().signal;
  const dialled = async (
    addresses: string[],
    port: number,
    timeoutMs = 2000,
  ): Promise<Dialled & { ms: number }> => {
    const startedAt = performance.now();
    const target = { host: 'name', port, timeoutMs, signal };
    const result = await dialAddresses(addresses, target, startedAt + timeoutMs);
    if (result.ok) result.socket.destroy();
    return { ...result, ms: performance.now() - startedAt };
  };

  it('is reached at the one that answers, at once when the others refuse', async () => {
    const port = await rawServer(() => undefined, '127.0.0.3');
    const times: number[] = [];
    // The best of some: a busy machine may hold up any one of them.
    for (let turn = 0; turn < 5; turn += 1) {
      const result = await dialled(['127.0.0.1', '127.0.0.2', '127.0.0.3'], port);
      expect(result).toMatchObject({ ok: true, address: '127.0.0.3' });
      times.push(result.ms);
    }
    expect(Math.min(...times)).toBeLessThan(240);
  });

  it('is reached beside one that swallows packets, a quarter of a second later', async () => {
    const port = await fullBacklog();
    const server = createServer();
    closeLater(() => server.close());
    await listen(server, { host: '127.0.0.2', port });
    const result = await dialled(['127.0.0.1', '127.0.0.2'], port);
    expect(result).toMatchObject({ ok: true, address: '127.0.0.2' });
    expect(result.ms).toBeGreaterThan(200);
    expect(result.ms).toBeLessThan(10_000);
  });

  it('is said to time out when one does and the others refuse, with all of them told', async () => {
    const port = await fullBacklog();
    const result = await dialled(['127.0.0.1', '127.0.0.2'], port, 600);
    expect(result).toMatchObject({ ok: false, outcome: 'timeout', address: '127.0.0.1' });
    expect((result as { detail: string }).detail).toBe(
      '127.0.0.2: connection refused (ECONNREFUSED); 127.0.0.1: no answer within 600 ms',
    );
  });
});

describe('resolving', () => {
  it('knows the hosts file and literal addresses', async () => {
    const local = await machine.resolve({ name: 'localhost' });
    expect(local).toMatchObject({ outcome: 'resolved' });
    expect((local as { addresses: string[] }).addresses).toContain('127.0.0.1');
    expect(await machine.resolve({ name: '[::1]' })).toEqual({ outcome: 'resolved', addresses: ['::1'] });
  });

  it('says name-not-found, and never throws on nonsense', async () => {
    for (const name of ['nothing.invalid', '', 'a\0b']) {
      expect((await machine.resolve({ name })).outcome).toBe('name-not-found');
    }
    expect((await machine.resolve({ name: 'x'.repeat(300) })).outcome).toBe('failed');
  });
});
