import type { Looked } from '../facts/looked.ts';
import type { Bystanders, FirewallOwnership, HostNetwork, Listeners, Rulesets } from '../facts/network.ts';
import type { ModelFolder } from '../facts/models.ts';
import type { OllamaService } from '../facts/service.ts';
import type { Machine } from '../machine/machine.ts';

/**
 * What a platform knows how to look at. The only place that knows a platform's commands and files: everything above
 * reads typed facts. Collectors never throw; what they cannot see is `unavailable`, with `unsupported` where this
 * version has no code for it.
 *
 * The shapes leave room for the others: a launchd job, a Windows app with its settings in the registry, a VM between
 * host and container (a machine reached through a machine).
 */
export interface Platform {
  /** Every way Ollama is set up to be started here, the one that matters first; `absent` when there is none. */
  services(machine: Machine): Promise<Looked<OllamaService[]>>;
  /** Every TCP listener, IPv4 and IPv6. */
  listeners(machine: Machine): Promise<Looked<Listeners>>;
  /** Interfaces, addresses, routes, and the sysctls that decide about packets. */
  network(machine: Machine): Promise<Looked<HostNetwork>>;
  /** Every packet filter listing there is. Asked twice in a run: before and after the probes. */
  rulesets(machine: Machine): Promise<Looked<Rulesets>>;
  /** Who keeps those rules and what loads them at boot. */
  ownership(machine: Machine): Promise<Looked<FirewallOwnership>>;
  /** What else may stop a packet: asked only where the rules do not explain what a probe saw. */
  bystanders(machine: Machine): Promise<Looked<Bystanders>>;
  /** Folders of models, of every instance there may be; only when one is missing. Absent where this version cannot look. */
  modelFolders?(machine: Machine, services: readonly OllamaService[]): Promise<ModelFolder[]>;
}
