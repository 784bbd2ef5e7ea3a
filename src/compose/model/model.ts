import type { Source, Span } from '../source.ts';
import type { Tree } from '../yaml/tree.ts';

/** A compose project as far as the doctor reads it, put together from all its files. */
export interface Project {
  /** The folder that relative paths and `.env` belong to. */
  directory: string;
  name: string;
  services: ReadonlyMap<string, Service>;
  networks: ReadonlyMap<string, ProjectNetwork>;
  /** Compose files in the order they were merged, the included and extended ones after them. */
  files: readonly Source[];
  /** Files that variables come from: `.env`, `--env-file`. */
  variableFiles: readonly Source[];
  /** What compose itself would warn of, or refuse to start with. */
  warnings: readonly ComposeWarning[];
}

export interface ComposeWarning {
  message: string;
  at: Span;
  /** True where compose would not start anything. */
  refuses: boolean;
}

export interface ProjectNetwork {
  name: string;
  /** Made elsewhere: who else is on it cannot be known from here. */
  external: boolean;
  internal: boolean;
}

export interface Service {
  name: string;
  /** The map it is written as, in the last file that has it: where additions go. */
  tree: Tree;
  key: Span;
  image: string;
  builds: boolean;
  containerName?: string;
  profiles: readonly string[];
  /** `host`, `none`, `service:NAME`, `container:NAME`, `bridge`; undefined for the project's networks. */
  networkMode?: Written;
  networks: ReadonlyMap<string, { aliases: readonly string[]; at: Span }>;
  environment: ReadonlyMap<string, Setting>;
  extraHosts: readonly ExtraHost[];
  ports: readonly Port[];
  dependsOn: ReadonlyMap<string, { condition: string; required: boolean; at: Span }>;
  links: readonly { service: string; alias: string }[];
  healthcheck?: { disabled: boolean; test: readonly string[]; at: Span };
  /** The command line as far as it is known: entrypoint and command, each word with its place. */
  argv: readonly Written[];
}

/** A text after variables were put in, with where and how it was written. */
export interface Written {
  value: string;
  /** As written, before variables were put in. */
  raw: string;
  at: Span;
  variables: readonly VariableUse[];
}

interface VariableUse {
  name: string;
  value: string | undefined;
  replaced: boolean;
}

export interface Setting extends Written {
  name: string;
  /** True for `- NAME` or `NAME:` alone: the value is that of the variable outside. */
  inherited: boolean;
  from: 'environment' | 'env_file';
}

export interface ExtraHost {
  name: string;
  address: string;
  at: Span;
}

export interface Port {
  /** '' for all addresses. */
  hostAddress: string;
  /** Undefined where the engine picks one. */
  published: { from: number; to: number } | undefined;
  target: { from: number; to: number };
  protocol: string;
  at: Span;
}
