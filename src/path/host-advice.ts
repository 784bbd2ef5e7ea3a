import type { Container } from '../facts/containers.ts';
import { hostAccessOf, hostNameOf } from '../runtimes/knowledge/index.ts';
import { sharesHostNetwork } from './target.ts';

/**
 * The host to put into a container's URL so that it leads to this host, and what that needs besides; undefined where it
 * needs nothing.
 */
export function hostFor(container: Container): { host: string; needs?: string } {
  if (sharesHostNetwork(container)) return { host: 'localhost' };
  const { name, byDefault } = hostNameOf(container);
  const access = hostAccessOf(container);
  const there = container.extraHosts.some((line) => line.startsWith(`${name}:`));
  const line = there ? undefined : `give it the name: extra_hosts: ["${name}:host-gateway"]`;
  if (access?.hostGateway === 'useless' && access.allowLoopback !== undefined)
    return {
      host: name,
      needs: [access.allowLoopback, ...(line === undefined ? [] : [line])].join('; and '),
    };
  if (byDefault || access?.hostGateway !== 'needed' || line === undefined) return { host: name };
  return { host: name, needs: line };
}

/**
 * What to type so that a container knows a name for this host, as its runtime wants it. One sentence a step.
 *
 * @param name the name that it asks for
 */
export function giveHostName(container: Container, name: string): string[] {
  const access = hostAccessOf(container);
  const own = hostNameOf(container);
  if (access?.names.some((one) => one.name === name && one.byDefault) === true)
    return [
      `${access.title} gives every container this name by itself: see whether the container was started with ` +
        'names of its own (--no-hosts, --dns, a hosts file that is mounted over /etc/hosts)',
    ];
  if (own.byDefault)
    return [`ask for ${own.name}: ${access?.title ?? 'the engine'} gives every container that name`];
  if (access?.hostGateway === 'useless' && access.allowLoopback !== undefined)
    return [access.allowLoopback, ...addHostGateway(container, own.name)];
  return name === own.name || name === 'host.containers.internal' || name === 'gateway.docker.internal'
    ? [
        ...(name === own.name ? [] : [`ask for ${own.name}: ${access?.title ?? 'Docker'} has no ${name}`]),
        ...addHostGateway(container, own.name),
      ]
    : addHostGateway(container, name);
}

/** How `NAME:host-gateway` gets into a container, for one of compose's and for any other. */
function addHostGateway(container: Container, name: string): string[] {
  const { compose, extraHosts } = container;
  const there = extraHosts.some((line) => /^([^:=]+)[:=]/u.exec(line)?.[1] === name);
  if (there) return [];
  return compose
    ? [
        `add to service ${compose.service} in ${compose.configFiles[0] ?? 'its compose file'}: extra_hosts: ["${name}:host-gateway"]`,
        `then: docker compose up -d ${compose.service}`,
      ]
    : [`start it with --add-host=${name}:host-gateway (a container's names are fixed when it is made)`];
}

/** How a line of extra_hosts is taken away again, where it hides a name that works by itself. */
export function dropHostLine(container: Container, name: string): string[] {
  const { compose } = container;
  return compose
    ? [
        `take the line for ${name} out of extra_hosts of service ${compose.service} in ${compose.configFiles[0] ?? 'its compose file'}`,
        `then: docker compose up -d ${compose.service}`,
      ]
    : [`start it without --add-host for ${name} (a container's names are fixed when it is made)`];
}
