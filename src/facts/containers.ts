export type RuntimeName = 'docker' | 'podman';

/** A container engine's API that answered, or did not. */
export interface RuntimeEndpoint {
  runtime: RuntimeName;
  /** `unix:///var/run/docker.sock`, `npipe:////./pipe/docker_engine`, `tcp://…`. */
  endpoint: string;
  /** How it was found: `DOCKER_HOST`, `context desktop-linux`, `default socket`. */
  foundBy: string;
  state:
    | {
        state: 'answers';
        version: string;
        apiVersion: string;
        product: RuntimeProduct;
        rootless: boolean;
        /** What Docker lays its rules with: `iptables`, `nftables`, `nftables+firewalld`; absent before 28.1. */
        firewallBackend?: string;
      }
    /** Nothing there, or nobody listening: `detail` is what the system said. */
    | { state: 'unreachable'; detail: string }
    | { state: 'denied'; detail: string; help: string }
    /** There, but it could not be asked: timed out, garbage, ssh endpoint, not recorded. */
    | { state: 'inconclusive'; detail: string; help?: string };
}

/** What the engine is packaged as; decides how a container reaches the host. */
export type RuntimeProduct =
  | 'docker-engine'
  | 'docker-desktop'
  | 'orbstack'
  | 'colima'
  | 'lima'
  | 'rancher-desktop'
  | 'podman'
  /** Podman's VM on macOS and Windows. */
  | 'podman-machine'
  | 'remote'
  | 'unknown';

export interface ContainerNetwork {
  /** Network name, for example `archon_default`. */
  name: string;
  id: string;
  driver: string;
  internal: boolean;
  /** The container's own address there, and the network's subnets and gateways. */
  address?: string;
  addressV6?: string;
  subnets: { subnet: string; gateway?: string }[];
  /** The Linux bridge the packets come in on: `docker0`, `br-1a2b3c4d5e6f`. */
  bridge?: string;
  /** Names other containers there know it by. */
  aliases: string[];
  /** True when the subnet was chosen by a person (compose `ipam`), so that it stays when the network is made again; undefined when it cannot be known. */
  pinned?: boolean;
}

/** One container as the doctor sees it: only what it reads, nothing else of environment, labels and arguments. */
export interface Container {
  runtime: RuntimeName;
  endpoint: string;
  product: RuntimeProduct;
  /** True when its engine runs without root, in a network namespace of its own. */
  rootless?: boolean;
  /** The version of its engine: `26.1.5+dfsg1`. */
  engineVersion?: string;
  id: string;
  name: string;
  image: string;
  state: 'running' | 'restarting' | 'exited' | 'paused' | 'created' | 'dead' | 'unknown';
  /** Process id of its first process on the host, when the engine runs on this kernel. */
  pid?: number;
  /** `bridge`, `host`, `none`, `container:ID`, a network's name. */
  networkMode: string;
  /** For `container:ID`: whose network it is in, and how that one is connected. */
  joined?: { name: string; networkMode: string };
  /** How its last run ended, where it does not run. */
  ended?: {
    exitCode: number;
    /** What the engine says of a start that failed. */
    error?: string;
    /** ISO 8601. */
    at?: string;
    /** Times the engine started it again. */
    restarts: number;
  };
  /** Compose services of its project that it waits for. */
  dependsOn?: string[];
  networks: ContainerNetwork[];
  /** As configured: `host.docker.internal:host-gateway`. */
  extraHosts: string[];
  /** Allow-listed variables whose name or value speaks of an LLM server or a proxy. */
  env: Record<string, string>;
  /** Arguments that name an Ollama address; nothing else of the command line. */
  argumentsWithUrl: string[];
  /** Models of Ollama that its variables and arguments name. */
  models?: NamedModel[];
  /** True when it runs `ollama serve` itself: a server, never a client of itself. */
  servesOllama: boolean;
  compose?: { project: string; service: string; configFiles: string[]; workingDirectory?: string };
  /** Published TCP ports: `{hostAddress, hostPort, containerPort}`. */
  ports: { hostAddress: string; hostPort: number; containerPort: number }[];
}

/** A model that a container's settings name; without a name where they say only that Ollama makes the embeddings. */
export interface NamedModel {
  /** The variable or flag: `OLLAMA_MODEL`, `--model`. */
  setting: string;
  model?: string;
  /** True where it is to make embeddings. */
  embedding: boolean;
}

/** A container (or a stand-in for one) and the URL by which it wants Ollama. */
export interface OllamaClient {
  /** `container:NAME`. */
  subject: string;
  container: Container;
  /** The variable or argument it comes from: `OLLAMA_URL`; undefined for a hypothetical one. */
  setting?: { name: string; value: string };
  /** The URL as the client would use it, scheme and port filled in. Undefined when the value cannot be one. */
  url?: URL;
  /** Where nobody wrote the URL down: where it comes from, in words. */
  assumed?: string;
  /**
   * True when it is not known that this container uses Ollama at all: an application that may use another service, or
   * a service that waits for one of Ollama's. What such a URL meets is worth a word, and no failure of anything.
   */
  guessed?: boolean;
  /** What the last lines of its log say went wrong at the URL. */
  logged?: string;
  /** True when no container names an Ollama: "what a container on the default network would meet". */
  hypothetical: boolean;
  /** True when named by --container. */
  askedFor: boolean;
}
