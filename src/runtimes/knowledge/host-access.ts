/** How an engine's containers come to this host; one row of the table for each. */
export type AccessId =
  | 'docker-engine'
  | 'docker-rootless'
  | 'docker-desktop'
  | 'orbstack'
  | 'colima'
  | 'lima'
  | 'rancher-desktop'
  | 'podman-bridge'
  | 'podman-pasta'
  | 'podman-slirp4netns'
  | 'podman-rootless-bridge'
  | 'podman-machine';

/** A name for this host in a container. */
interface HostName {
  name: string;
  /** True when it is there without anybody's doing. */
  byDefault: boolean;
  /** The version that brought it (`5.3`), where older ones lack it. */
  since?: string;
}

/**
 * What a container of one kind of engine meets on its way to this host, as documentation and source code have it. A
 * probe overrules every word of it.
 */
export interface HostAccess {
  id: AccessId;
  /** For people: `rootless Podman (pasta)`. */
  title: string;
  /** Names for this host, the one to use first. */
  names: readonly HostName[];
  /** Addresses in the container that stand for this host without being one of its own. */
  addresses: readonly string[];
  /**
   * What a `host-gateway` entry does: `needed` (nothing else makes the name), `harmless` (it names the same), `useless`
   * (it names a place that is not this host), `breaks` (the same, and it hides a name that works).
   */
  hostGateway: 'needed' | 'harmless' | 'useless' | 'breaks';
  /** Whether a service on this host's loopback is reached: always, never, or when the engine was told to allow it. */
  loopback: 'reached' | 'when-allowed' | 'not-reached';
  /** The source address that Ollama sees. */
  source: 'container' | 'host' | 'loopback';
  /** The interface by which the packet enters this host's INPUT: the container's own bridge, or loopback. */
  hook: 'bridge' | 'lo';
  /** How to reach a service that stays on loopback, where that has to be allowed; a sentence for people. */
  allowLoopback?: string;
  /** Where all this is from. */
  sources: readonly string[];
}
