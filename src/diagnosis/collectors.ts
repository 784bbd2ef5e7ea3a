import type { Asked, Generated, LoadedModel } from '../facts/api.ts';
import type { Container, OllamaClient, RuntimeEndpoint } from '../facts/containers.ts';
import type { Looked } from '../facts/looked.ts';
import type { Bystanders, FirewallOwnership, HostNetwork, Listeners, Rulesets } from '../facts/network.ts';
import type { ModelFolder } from '../facts/models.ts';
import type { OllamaService } from '../facts/service.ts';
import type { HttpResult, Identity, Machine, ResolveResult } from '../machine/machine.ts';
import type { Server } from '../path/server.ts';
import type { UnpinnedNetwork } from '../runtimes/index.ts';
import type { ComparedWay } from '../report/schema.ts';
import type { DiagnosisOptions } from './options.ts';

/**
 * Everything a run knows of the machine. Each fact is collected at most once, on first need; independent ones at the
 * same time. Checks and recipes read these and never ask the machine themselves.
 */
export interface Facts {
  readonly identity: Identity;
  readonly options: DiagnosisOptions;
  services(): Promise<Looked<OllamaService[]>>;
  listeners(): Promise<Looked<Listeners>>;
  network(): Promise<Looked<HostNetwork>>;
  ownership(): Promise<Looked<FirewallOwnership>>;
  /** The rulesets before any probe of this run. */
  rulesets(): Promise<Looked<Rulesets>>;
  /** The same again once every container's probe is over, for the growth of counters. */
  rulesetsAfterProbes(): Promise<Looked<Rulesets>>;
  /** What else may stop a packet: asked only where the rules do not explain what a probe saw. */
  bystanders(): Promise<Looked<Bystanders>>;
  /** Where Ollama should be on this host, and where it is. */
  server(): Promise<Server>;
  /** Ollama as asked from the host. */
  host(): Promise<Asked>;
  /** The same as a page of `--origin` gets it; undefined when none was given. */
  fromPage(): Promise<Asked | undefined>;
  /** What that Ollama has loaded; undefined where it cannot say. */
  loaded(): Promise<LoadedModel[] | undefined>;
  /** What came of --generate; undefined where it was not asked for. */
  generated(): Promise<Generated | undefined>;
  /**
   * The same as a client gets it by its own URL, through its proxy where one is given, once the host's own came to its
   * end; undefined where it did not, or nothing could be asked.
   */
  generatedFrom(client: OllamaClient, proxy?: string): Promise<Generated | undefined>;
  /** Folders of models on this host, whoever's they are. */
  modelFolders(): Promise<ModelFolder[]>;
  runtimes(): Promise<RuntimeEndpoint[]>;
  /** All containers of the engines that answered. */
  containers(): Promise<Looked<Container[]>>;
  /** Subnets of every network of every engine here, used or not; unavailable where one could not list its own. */
  subnets(): Promise<Looked<string[]>>;
  /** Networks of compose projects that may get another subnet when they are made again. */
  unpinned(): Promise<UnpinnedNetwork[]>;
  /** Containers that use Ollama or were asked for, else one hypothetical. */
  clients(): Promise<OllamaClient[]>;
  /** What a client got when it asked for Ollama by its own URL, from where it stands. */
  probe(client: OllamaClient): Promise<Probe>;
  /** All ways from where a client stands, laid side by side; empty where its own URL works. */
  comparison(client: OllamaClient): Promise<ComparedWay[]>;
  /** What a client would get at another URL, or by way of a proxy, from where it stands. */
  askFrom(client: OllamaClient, url: URL, proxy?: string): Promise<Asked>;
  /** One GET as the client itself would make it, path and all. */
  getFrom(client: OllamaClient, url: URL): Promise<HttpResult>;
}

export interface Probe {
  asked: Asked;
  /** What the URL's host name is in that container; absent for literal addresses. */
  resolved?: ResolveResult;
}

/** How a run reaches the facts; given to recipes too, which may read files but never write. */
export interface Situation {
  facts: Facts;
  machine: Machine;
}
