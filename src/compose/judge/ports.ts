import type { Port, Project, Service } from '../model/model.ts';
import { placeOf } from '../source.ts';
import type { Around, ComposeFinding, PortHolder } from './finding.ts';
import { runTogether } from './ground.ts';
import { servesHere } from './uses.ts';

const ollamaPort = 11_434;

interface Published {
  service: Service;
  port: Port;
}

/** Ports of the host that are Ollama's: those that a serving service publishes, and 11434. */
export function publishedPorts(project: Project): Published[] {
  return [...project.services.values()].flatMap((service) =>
    service.ports
      .filter((port) => port.protocol === 'tcp' && port.published !== undefined)
      .filter((port) => servesHere(service) || covers(port, ollamaPort))
      .map((port) => ({ service, port })),
  );
}

/** Two that want one port of the host: two services of the file, or one and who has the port already. */
export function judgePorts(project: Project, around: Around): ComposeFinding[] {
  const all = publishedPorts(project);
  const found: ComposeFinding[] = [];
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      const clash = clashing(one, other);
      if (clash) found.push(clash);
    }
    const held = around.holders.find((holder) => isHeld(project, one, holder));
    if (held) found.push(heldBy(one, held));
  }
  return found;
}

function clashing(one: Published, other: Published): ComposeFinding | undefined {
  if (one.service === other.service || !overlap(one.port, other.port)) return undefined;
  const together = runTogether(one.service, other.service);
  if (together === 'never') return undefined;
  const port = Math.max(one.port.published?.from ?? 0, other.port.published?.from ?? 0);
  const { line } = placeOf(one.port.at);
  return {
    code: 'port-conflict',
    status: together === 'always' ? 'fail' : 'warn',
    service: other.service.name,
    summary: `${other.service.name} and ${one.service.name} (line ${line}) both publish port ${port} of the host${together === 'always' ? '' : ', once both run'}`,
    at: other.port.at,
    instructions: [
      `give one of them another port of the host: "${port + 1}:${other.port.target.from}"`,
      'between containers no published port is needed: the service name and 11434 do',
    ],
    cures: [],
  };
}

function heldBy({ service, port }: Published, holder: PortHolder): ComposeFinding {
  return {
    code: 'port-conflict',
    status: 'fail',
    service: service.name,
    summary: `${service.name} publishes port ${holder.port} of the host, which ${holder.who} has on this machine`,
    at: port.at,
    instructions: [
      `stop the other one, or publish another port: "${holder.port + 1}:${port.target.from}"`,
      `where ${service.name} is asked by containers of this project alone, it needs no ports: at all`,
    ],
    cures: [],
  };
}

function isHeld(project: Project, { service, port }: Published, holder: PortHolder): boolean {
  if (!covers(port, holder.port) || !addressesMeet(port.hostAddress, holder.address)) return false;
  return holder.compose?.project !== project.name || holder.compose.service !== service.name;
}

function covers({ published }: Port, port: number): boolean {
  return published !== undefined && published.from <= port && published.to >= port;
}

function overlap(one: Port, other: Port): boolean {
  if (!one.published || !other.published || !addressesMeet(one.hostAddress, other.hostAddress)) return false;
  // A range against one port lets the engine pick another one of the range.
  if (one.published.from !== one.published.to || other.published.from !== other.published.to) return false;
  return one.published.from === other.published.from;
}

/** Two sockets cannot share a port on one address, and all addresses hold each. */
function addressesMeet(one: string, other: string): boolean {
  const isAll = (address: string): boolean => address === '' || address === '0.0.0.0' || address === '::';
  if (isAll(one) || isAll(other)) return true;
  return one === other;
}
