import type { Listener, Listeners } from '../../facts/network.ts';
import type { Looked } from '../../facts/looked.ts';
import type { Machine, ReadResult } from '../../machine/machine.ts';
import { cutProcessArguments } from '../../machine/redaction/commands.ts';
import type { Evidence } from '../../report/schema.ts';
import { isBigEndian } from './endianness.ts';
import { parseProcNetTcp } from './proc-net-tcp.ts';
import { parseSs } from './ss.ts';
import type { SsListener } from './ss.ts';

const ssCommand = ['ss', '-ltnpH'] as const;
const ollamaPort = 11_434;

/**
 * Every TCP listener. /proc/net/tcp and tcp6 are the source, as everybody may read them; `ss` adds the owners (root
 * sees all of them, others their own) and what takes IPv6 only. Where /proc shows none, `ss` alone must do.
 */
export async function lookAtListeners(machine: Machine): Promise<Looked<Listeners>> {
  const [tcp, tcp6, ss] = await Promise.all([
    machine.read('/proc/net/tcp'),
    machine.read('/proc/net/tcp6'),
    machine.run({ argv: ssCommand }),
  ]);
  const bigEndian = isBigEndian(machine.identity.arch);
  const fromProc = [tcp, tcp6].flatMap((file) =>
    file.outcome === 'read' ? parseProcNetTcp(file.text, bigEndian) : [],
  );
  const fromSs = ss.outcome === 'exited' && ss.exitCode === 0 ? parseSs(ss.stdout) : undefined;
  if (tcp.outcome !== 'read' && fromSs === undefined) {
    return {
      state: 'unavailable',
      reason: `the list of listening sockets could not be read (${whyNot(tcp)} for /proc/net/tcp, and no ss)`,
      help: 'install iproute2, or run it with sudo',
      denied: tcp.outcome === 'denied',
    };
  }
  const listeners = tcp.outcome === 'read' ? withOwners(fromProc, fromSs ?? []) : fromSsAlone(fromSs ?? []);
  const named = await withCommandLines(machine, listeners);
  return {
    state: 'seen',
    value: { listeners: named, ownersKnown: machine.identity.elevated && fromSs !== undefined },
    evidence: named.filter(isOllamaLike).map(asEvidence),
  };
}

/** Adds what ss knows to what /proc shows; a socket is the same by address and port. */
function withOwners(listeners: readonly Listener[], fromSs: readonly SsListener[]): Listener[] {
  const byAddress = new Map(fromSs.map((one) => [`${one.family} ${one.address} ${one.port}`, one]));
  return listeners.map((listener) => {
    const known = byAddress.get(`${listener.family} ${listener.address} ${listener.port}`);
    const process = known?.processes[0];
    return { ...listener, v6only: known?.v6only ?? false, ...(process && { process }) };
  });
}

function fromSsAlone(fromSs: readonly SsListener[]): Listener[] {
  return fromSs.map(({ address, port, family, v6only, processes: [process] }) => ({
    address,
    port,
    family,
    wildcard: address === '::' || address === '0.0.0.0',
    v6only,
    ...(process && { process }),
  }));
}

/**
 * The program and its verb tell `ollama serve` from a port proxy; other arguments may be keys. Read for what may matter
 * alone.
 */
function withCommandLines(machine: Machine, listeners: readonly Listener[]): Promise<Listener[]> {
  return Promise.all(
    listeners.map(async (listener) => {
      if (!listener.process || !isOllamaLike(listener)) return listener;
      const file = await machine.read(`/proc/${listener.process.pid}/cmdline`, { maxBytes: 4096 });
      if (file.outcome !== 'read' || file.text === '') return listener;
      const commandLine = cutProcessArguments(file.text).split('\0').filter(Boolean).join(' ');
      return { ...listener, process: { ...listener.process, commandLine } };
    }),
  );
}

function isOllamaLike(listener: Listener): boolean {
  return listener.port === ollamaPort || listener.process?.name.startsWith('ollama') === true;
}

function asEvidence(listener: Listener): Evidence {
  const address = listener.family === 6 ? `[${listener.address}]` : listener.address;
  const both = listener.wildcard && listener.family === 6 && !listener.v6only ? ' (IPv4 and IPv6)' : '';
  const owner = listener.process ? `, ${listener.process.name}, pid ${listener.process.pid}` : '';
  const source = listener.process ? ssCommand.join(' ') : `/proc/net/tcp${listener.family === 6 ? '6' : ''}`;
  return { source, text: `LISTEN ${address}:${listener.port}${both}${owner}` };
}

function whyNot(file: ReadResult): string {
  return file.outcome === 'failed' ? file.message : file.outcome.replace('-', ' ');
}
